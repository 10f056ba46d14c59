import { fileURLToPath } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url));

/**
 * The environment of a program that the sample runs. Node keeps what it has compiled where the next program finds it, which
 * halves the time of a start. The environment file of somebody's second terminal is not for our own parts.
 */
export function childEnv(variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: cache, ...process.env, BANYAN_ENV_FILE: '', ...variables };
}
