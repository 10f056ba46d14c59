import { createInterface } from 'node:readline/promises';
import { usageError } from '../config-option.ts';

/** Asks for a word on the terminal. @throws UsageError where there is none, or another word is written */
export async function askFor(word: string, question: string, instead: string): Promise<void> {
  if (!process.stdin.isTTY)
    throw usageError(`this asks on a terminal, and there is none here; write ${instead} where you mean it`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D are a no as well.
  const answer = await lines
    .question(question)
    .catch(() => '')
    .finally(() => lines.close());
  if (answer.trim() !== word) throw usageError('nothing was changed');
}
