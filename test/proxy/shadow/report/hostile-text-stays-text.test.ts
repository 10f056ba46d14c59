import { expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { html } from '#proxy/shadow/report/markup.ts';
import { maskedTarget, replayCommand } from '#proxy/shadow/report/replay-command.ts';
import { suggestedRule } from '#proxy/shadow/report/suggested-rule.ts';
import { terminalReport } from '#proxy/shadow/report/terminal-report.ts';
import { hostile, richStore } from './rich-report.ts';
import { start } from './deltas.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });

test('no text opens a tag, ends an attribute or hides what it is', () => {
  fc.assert(
    fc.property(fc.oneof(anyText, fc.constant(hostile)), (text) => {
      const { markup } = html`<p title="${text}">${text}</p>`;
      expect(markup.replaceAll(/^<p title="|">|<\/p>$/g, '')).not.toMatch(/[<>"'`]/);
      expect(markup).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    }),
  );
});

test('the terminal report has no control character of an answer, and no line over 80 columns', async () => {
  const text = terminalReport(await richStore().report(), { color: false });
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

const targets = {
  primary: { name: 'old', url: 'http://127.0.0.1:1' },
  shadow: { name: 'new', url: 'http://127.0.0.1:2' },
};

/** What the shell makes of the command: its words, one a line, with curl in place of a program that prints them. */
function words(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\nset -e\n${command}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env: { AUTHORIZATION: 'mine' } }).split(
    '\0',
  );
}

test('whatever a sample says, the shell sees one curl for each side and nothing else', () => {
  const printableText = fc.string({ minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(printableText, printableText, (path, value) => {
      const command = replayCommand(
        {
          request: {
            method: 'GET',
            target: `/${path}`,
            headers: [
              ['x-a', value],
              ['authorization', 'Bearer secret'],
            ],
          },
        },
        targets,
      );
      const seen = words(command ?? '');
      expect(seen).toContain(`x-a: ${value}`);
      expect(seen).toContain('authorization: mine');
      expect(seen.filter((word) => word.startsWith('http://127.0.0.1:'))).toEqual([
        `http://127.0.0.1:1${maskedTarget(`/${path}`)}`,
        `http://127.0.0.1:2${maskedTarget(`/${path}`)}`,
      ]);
      expect(command).not.toContain('Bearer secret');
    }),
    { numRuns: 30 },
  );
});

test.each(['POST', 'DELETE', '--output'])('no command for %s, which may change something', (method) => {
  const request = { method, target: '/items/1', headers: [] };
  expect(replayCommand({ request }, targets)).toBeUndefined();
});

test('a rule of any path is YAML with that path, and expires in thirty days', async () => {
  const report = await richStore().report();
  for (const finding of report.routes.flatMap(({ findings }) => findings)) {
    const text = suggestedRule(finding, start);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    const [rule] = parse(text) as Record<string, unknown>[];
    expect(rule).toMatchObject({ routes: ['item-read'], owner: '', reason: '', expires: '2026-12-25' });
    if (finding.place === 'body') expect(rule?.['path']).toBe(finding.path);
  }
});
