/** The look of reports, in light and in dark; no fonts or pictures from elsewhere. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f7f9; --line: #dcdfe4; --text: #1d2127; --faint: #5d6673;
  --right: #1a7f4b; --wrong: #c62839; --unsure: #9a6700; --accent: #2f6fd6; --field: #e9ecf0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181d; --raised: #1d2127; --line: #343a44; --text: #e4e7ec; --faint: #9aa4b2;
    --right: #4cc38a; --wrong: #ff6b78; --unsure: #e3b341; --accent: #7aaaf7; --field: #2a3039;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 68rem; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 0; }
h3 { font-size: .8rem; margin: 1.6rem 0 .5rem; color: var(--faint); text-transform: uppercase; letter-spacing: .06em; }
p { margin: .4rem 0; }
a { color: inherit; text-decoration-color: var(--faint); text-underline-offset: .2em; }
code, td.number { font: .88em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--faint); font-size: .85rem; }
th, td { padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: middle; }
th.number, td.number { text-align: right; white-space: nowrap; }
td:first-child { white-space: nowrap; }
td svg { display: block; }
section { border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.4rem 1.4rem; margin-top: 1.5rem; }
section > header { display: flex; gap: .8rem; align-items: center; flex-wrap: wrap; }
.badge { border-radius: 99px; padding: .1rem .7rem; font-size: .82rem; font-weight: 600; border: 1px solid; white-space: nowrap; }
.right { color: var(--right); } .wrong { color: var(--wrong); } .kink, .inconclusive { color: var(--unsure); }
article { background: var(--raised); border-radius: 8px; padding: .9rem 1.1rem; margin-top: .7rem; border-left: 4px solid; }
article > * { color: var(--text); }
article h4 { margin: 0 0 .2rem; font-size: 1rem; }
.columns { display: flex; gap: 1rem 2.5rem; flex-wrap: wrap; align-items: flex-start; margin-top: .6rem; }
dl { display: grid; grid-template-columns: max-content auto; gap: .15rem 1rem; margin: 0; align-items: baseline; min-width: 0; }
dt { color: var(--faint); } dd { margin: 0; min-width: 0; }
figure { margin: 0; max-width: 100%; overflow-x: auto; } figcaption { color: var(--faint); font-size: .82rem; margin-top: .25rem; }
.field { fill: var(--field); } .hit, .over { fill: var(--wrong); } .room { fill: var(--right); }
.kink .hit, .inconclusive .hit { fill: var(--unsure); }
.grid { stroke: var(--raised); stroke-width: 1; fill: none; } .mark { stroke: var(--text); stroke-width: 1.5; fill: none; }
.values .analytic { fill: var(--wrong); } .values .numeric { fill: var(--accent); }
.key { display: inline-block; width: .65em; height: .65em; border-radius: 2px; margin-right: .45em; }
.key.analytic { background: var(--wrong); } .key.numeric { background: var(--accent); }
@media print { section { break-inside: avoid; } }
`;
