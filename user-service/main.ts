import { stopOnSignal } from '#shared/process/lifetime.ts';
import { isSettingsError } from './settings.ts';
import { startUserService } from './start.ts';

// Exit codes: 0 stopped as asked, 1 could not start or stop, 2 the environment is wrong.
try {
  const running = await startUserService(process.env);
  stopOnSignal(() => running.stop());
} catch (error) {
  process.stderr.write(`user-service: ${Error.isError(error) ? error.message : String(error)}\n`);
  process.exit(isSettingsError(error) ? 2 : 1);
}
