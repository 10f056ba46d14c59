import type { LiveModel } from '#sample/live-model.ts';
import { renderScreen } from './screen.ts';

/** What we need of `process.stdout`. */
export interface TerminalOut {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

export interface Terminal {
  /** Opens the view at the first call. */
  draw(model: LiveModel, notes: readonly string[]): void;
  /** Gives the terminal back as it was. Safe to call at any time, more than once. */
  close(): void;
  isOpen(): boolean;
}

// xterm's control sequences: alternate screen, cursor, automatic wrapping.
const open = '\u001B[?1049h\u001B[?25l\u001B[?7l';
const shut = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const home = '\u001B[H';
// Before the line: after one of the full width, the cursor stands on its last character, and would clear that.
const clearLine = '\u001B[2K';
const clearToScreenEnd = '\u001B[J';

/** Draws over what stands there and clears only what is left over, in one write, so that nothing flickers. */
export function createTerminal(out: TerminalOut, color: boolean): Terminal {
  let isOpen = false;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', close);
    out.write(shut);
  };
  return {
    draw(model, notes) {
      const size = { columns: out.columns ?? 80, rows: out.rows ?? 24, color };
      const lines = renderScreen(model, notes, size).map((line) => `${clearLine}${line}`);
      if (!isOpen) {
        isOpen = true;
        // However the process ends, the user gets a usable terminal back.
        process.on('exit', close);
        out.write(open);
      }
      out.write(`${home}${lines.join('\r\n')}${clearToScreenEnd}`);
    },
    close,
    isOpen: () => isOpen,
  };
}
