import { messageOf } from '#shared/errors/message.ts';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { isSettingsError } from './settings.ts';
import { startMonolith } from './start.ts';

// Exit codes: 0 stopped as asked, 1 could not start or stop, 2 the environment is wrong.
try {
  const starting = startMonolith(process.env);
  // From the beginning: a signal that comes while it starts stops it as soon as it has.
  stopOnSignal(async () => (await starting).stop());
  await starting;
} catch (error) {
  process.stderr.write(`monolith: ${messageOf(error)}\n`);
  process.exit(isSettingsError(error) ? 2 : 1);
}
