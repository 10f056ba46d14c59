import { stopOnSignal } from '#shared/process/lifetime.ts';
import { isSettingsError } from './settings.ts';
import { startMonolith } from './start.ts';

// Exit codes: 0 stopped as asked, 1 could not start or stop, 2 the environment is wrong.
try {
  const running = await startMonolith(process.env);
  stopOnSignal(() => running.stop());
} catch (error) {
  process.stderr.write(`monolith: ${Error.isError(error) ? error.message : String(error)}\n`);
  process.exit(isSettingsError(error) ? 2 : 1);
}
