import { runCommand } from '#proxy/control/cli/program.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs one `banyan` call in this process and keeps what it writes. */
export async function banyan(...args: string[]): Promise<CliResult> {
  const written = { out: '', error: '' };
  const code = await runCommand(args, {
    out: (text) => void (written.out += text),
    error: (text) => void (written.error += text),
  });
  return { code, ...written };
}
