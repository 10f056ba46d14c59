// A part of the sample in its tests. Usage: PORT=… node process-program.ts healthy|failing
import { serve } from '#shared/http/serve.ts';
import { stopOnSignal } from '#shared/process/lifetime.ts';

if (process.argv[2] === 'failing') {
  process.stderr.write('no room at the inn\n');
  process.exit(1);
}
const port = Number(process.env['PORT']);
const served = await serve((_request, response) => response.end('ok'), { name: 'the part', port });
process.stdout.write('listening\n');
stopOnSignal(() => served.close());
