import { test } from '@jest/globals';
import { expectForwarded, expectRefused } from '#test/support/raw-http/oracle.ts';

const request = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`;

for (const target of (
  '/.. /. /../ /a/../b /a/./b /a/.. /a/. /%2e%2e/b /a/%2E%2e/b /a/.%2e/b /a/%2e /..;/b /a/..;x=1/b /.;/b ' +
  '/..%2fb /a%2Fb /a%2fb /a\\b /..\\b /a%5cb /a%5Cb /%00 /a%00.html /% /%a /%zz /a%2 /a//b //a /a// ' +
  '/%u0041 /a|b /{a} /<a> /a^b /"a'
).split(' ')) {
  test(`a path that two servers may read in two ways is refused: ${target}`, async () => {
    await expectRefused({ name: target, bytes: request(target) }, 400);
  });
}

test.each([
  ['/', '/'],
  ['/a/b/', '/a/b/'],
  ['/%7Euser/%61%2D%5f', '/~user/a-_'],
  ['/a%20b/%c3%a4', '/a%20b/%C3%A4'],
  ['/a%252e%252e/b', '/a%252e%252e/b'],
  ['/a%0d%0aX:%7f', '/a%0D%0AX:%7F'],
  ['/.well-known/x', '/.well-known/x'],
  ['/a..b/...', '/a..b/...'],
  ['/a;b=c,d/@me:x', '/a;b=c,d/@me:x'],
  ['/a?../..//%2e%zz\\', '/a?../..//%2e%zz\\'],
  ['/?', '/?'],
])('%s has one meaning and is forwarded as %s', async (target, canonical) => {
  await expectForwarded({ name: target, bytes: request(target) }, { method: 'GET', target: canonical });
});
