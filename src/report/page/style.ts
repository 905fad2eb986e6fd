/** The page's looks: one column, readable on a phone, in the reader's own light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1a1a; --dim: #595959; --line: #d0d0d0; --tint: #f3f5f7; --accent: #0060a0 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e8e8e8; --dim: #a8b0b8; --line: #3a4048; --tint: #1f242a; --accent: #6cb8f0 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 60rem; font: 1rem/1.5 system-ui, sans-serif; background: var(--paper); color: var(--ink) }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.1rem; line-height: 1.3; margin: 2.2rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem }
p, li { max-width: 46rem }
a { color: var(--accent) }
.verdict { background: var(--tint); border-left: 4px solid var(--accent); padding: .2rem 1rem }
.note { color: var(--dim); font-size: .9rem }
.mark { font-weight: 600 }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); white-space: pre-line }
th.right, td.right { text-align: right }
tbody th { font-weight: normal }
tr.group td { font-weight: 600 }
td.level { padding-left: 1.6rem }
th button { all: unset; cursor: pointer; white-space: pre-line; font-weight: 600 }
th button:focus-visible, summary:focus-visible, a:focus-visible, .wide:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
th[aria-sort=ascending] button::after { content: " \\25B2" }
th[aria-sort=descending] button::after { content: " \\25BC" }
figure { margin: 0 }
figcaption { color: var(--dim); font-size: .9rem }
figure svg { max-width: 100%; height: auto }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .9rem }
dt { color: var(--dim) }
dd { margin: 0; overflow-wrap: anywhere }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; padding: 0; list-style: none }
.gallery li { border: 1px solid var(--line); border-radius: 6px; padding: .6rem; font-size: .85rem; overflow-wrap: anywhere }
.gallery img { width: 100%; height: 10rem; object-fit: contain; background: #fff }
.gallery dl { font-size: .8rem }
@media (max-width: 30rem) { dl { grid-template-columns: 1fr } dt { margin-top: .4rem } figure svg { max-width: none } }
@media print { .wide { overflow: visible } }
`;
