import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { writing } from './writing.ts';

export interface LogFile {
  write(text: string): void;
  close(): void;
}

const mostBytes = 4 * 1024 * 1024;

/**
 * Appends to a file that never grows beyond `maxBytes` (default 4 MiB) and one older part of the same size (`….1`).
 * @throws an Error that says what to do where it cannot be written
 */
export function openLogFile(path: string, maxBytes = mostBytes): LogFile {
  let file = writing(path, () => openSync(path, 'a'));
  let bytes = fstatSync(file).size;
  return {
    write(text) {
      const more = Buffer.from(text);
      if (bytes > 0 && bytes + more.length > maxBytes) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a');
        bytes = 0;
      }
      bytes += writeSync(file, more);
    },
    close: () => closeSync(file),
  };
}
