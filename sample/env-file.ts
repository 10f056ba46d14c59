import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { writing } from './writing.ts';

/**
 * Writes what a second terminal needs to steer the run (`banyan --env-from`), for this user alone: there are passwords in
 * it. Those of the copy's roles open nothing once the run has ended.
 * @returns takes the file away again
 */
export function writeEnvFile(path: string, variables: Readonly<Record<string, string>>): () => void {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
  writing(path, () => {
    // Made anew: an older one may have been readable by others.
    rmSync(path, { force: true });
    writeFileSync(
      path,
      `# npm start writes it, for banyan --env-from; it ends with the run.\n${lines.join('')}`,
      {
        mode: 0o600,
      },
    );
    chmodSync(path, 0o600);
  });
  return () => rmSync(path, { force: true });
}

/** As `util.parseEnv` reads it back; folders may have blanks and quotes in their names. */
function quoted(value: string): string {
  const quote = ["'", '"', '`'].find((mark) => !value.includes(mark)) ?? '';
  return `${quote}${value}${quote}`;
}
