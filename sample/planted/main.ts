import { messageOf } from '#shared/errors/message.ts';
import { serve } from '#shared/http/serve.ts';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createPlantedService } from './planted-service.ts';

// Exit codes: 0 stopped as asked, 1 could not start, 2 the environment is wrong.
const { USER_SERVICE_URL: url = '', HOST: host = '127.0.0.1', PORT: port = '0' } = process.env;
if (!URL.canParse(url)) {
  process.stderr.write('planted: USER_SERVICE_URL must be the URL of a user-service\n');
  process.exit(2);
}
try {
  const planted = createPlantedService(url);
  const served = await serve(planted.listener, {
    name: 'the user-service with planted differences',
    host,
    port: Number(port),
  });
  stopOnSignal(async () => {
    await served.close();
    await planted.close();
  });
} catch (error) {
  process.stderr.write(`planted: ${messageOf(error)}\n`);
  process.exit(1);
}
