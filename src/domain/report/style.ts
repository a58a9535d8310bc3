/** The page's only style: system fonts, both colour schemes, narrow and wide screens, print. Text keeps a contrast of at least 4.5:1. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#ffffff;--fg:#1c2128;--soft:#57606a;--line:#d0d7de;--panel:#f6f8fa;--ok:#116329;--bad:#a40e26;--quiet:#0550ae;--add:#dafbe1;--del:#ffebe9;--bar:#0969da;--barbad:#cf222e}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#9da7b3;--line:#3d444d;--panel:#161b22;--ok:#56d364;--bad:#ff8f88;--quiet:#79c0ff;--add:#12331d;--del:#3f1a1d;--bar:#388bfd;--barbad:#f85149}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
main,header,footer{max-width:64rem;margin:0 auto;padding:1rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.25rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem;overflow-wrap:anywhere}
a{color:var(--quiet)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}
p{overflow-wrap:anywhere}
.word{font-weight:600}.success{color:var(--ok)}.failure{color:var(--bad)}.neutral{color:var(--quiet)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem 1rem;margin:1rem 0}
dt{color:var(--soft);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto;max-width:100%}
:focus-visible{outline:2px solid var(--quiet);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
caption{text-align:left;color:var(--soft);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
code,pre{font:.85rem/1.45 ui-monospace,monospace}
td code{overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:.75rem;margin:.5rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
pre.diff{white-space:pre;overflow-wrap:normal}
pre.diff span{display:block;padding:0 .25rem}
.add{background:var(--add)}.del{background:var(--del)}.hunk{color:var(--soft)}
details{margin:.5rem 0}summary{cursor:pointer;overflow-wrap:anywhere}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--fg);font:12px system-ui,sans-serif}svg .soft{fill:var(--soft)}
svg .bar{fill:var(--bar)}svg .barbad{fill:var(--barbad)}svg .grid{stroke:var(--line)}
ol.turns{list-style:none;padding:0}ol.turns>li{border-left:3px solid var(--line);padding-left:.75rem;margin:0 0 1rem}
.said{white-space:pre-wrap;overflow-wrap:anywhere}td .said{min-width:16rem}
.note{color:var(--soft);font-size:.9rem}
@media (max-width:30rem){td{min-width:5rem}td:first-child{min-width:10rem}td.number{min-width:0}main,header,footer{padding:.75rem}th,td{padding:.3rem .4rem}h1{font-size:1.35rem}}
@media print{pre{white-space:pre-wrap}}
`.trim();
