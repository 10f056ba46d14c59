/** All of the report's looks: no font, image or sheet is fetched. Light and dark by the reader's setting. */
export const style = `
:root { color-scheme: light dark;
  --ink: light-dark(#1c2126, #dfe4e8); --soft: light-dark(#5b6670, #97a3ad); --line: light-dark(#dde2e6, #333c44);
  --paper: light-dark(#ffffff, #14191d); --panel: light-dark(#f5f7f8, #1b2227); --code: light-dark(#eef1f3, #232b31);
  --bad: light-dark(#b3261e, #ff8f85); --warn: light-dark(#8a5a00, #f0bf63); --good: light-dark(#1b6e3c, #74cf97);
  --first: light-dark(#33658a, #86bbd8); --second: light-dark(#c8553d, #f2a490); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 48px 0 4px; padding-top: 16px; border-top: 2px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 15px; margin: 20px 0 8px; }
p { margin: 4px 0; }
.soft { color: var(--soft); } .bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); }
.note { background: var(--panel); border-left: 4px solid var(--warn); padding: 8px 12px; margin: 12px 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 12px 0; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.n, td.n { text-align: right; white-space: nowrap; }
a { color: inherit; }
code, pre { font: 13px/1.45 ui-monospace, monospace; background: var(--code); border-radius: 4px; }
code { padding: 1px 4px; overflow-wrap: anywhere; }
pre { margin: 4px 0; padding: 8px 10px; white-space: pre-wrap; overflow-wrap: anywhere; }
.finding { border: 1px solid var(--line); border-radius: 6px; margin: 10px 0; }
.finding summary { cursor: pointer; padding: 10px 12px; display: grid; grid-template-columns: 108px 1fr auto; gap: 12px; }
.finding summary:hover { background: var(--panel); }
.finding .inside { padding: 4px 14px 14px; border-top: 1px solid var(--line); }
.verdict { font-weight: 600; }
.verdict::before { content: '▸ '; } [open] > summary .verdict::before { content: '▾ '; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; margin: 4px 0 14px; }
.pair > div { min-width: 0; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.first { fill: var(--first); } .second { fill: var(--second); } .rest { fill: var(--line); }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; }
.key.first { background: var(--first); } .key.second { background: var(--second); }
dl { display: flex; flex-wrap: wrap; gap: 8px 32px; margin: 12px 0; }
dt { color: var(--soft); font-size: 13px; } dd { margin: 0; font-size: 18px; font-variant-numeric: tabular-nums; }
dd small { font-size: 13px; color: var(--soft); }
@media (max-width: 640px) { .pair { grid-template-columns: 1fr; } .finding summary { grid-template-columns: 1fr; gap: 2px; } }
@media print { .finding { break-inside: avoid; } main { max-width: none; } }
`;
