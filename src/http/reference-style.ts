/** The look of the API reference: the console's colours and spacing, without its build. */
export const referenceStyle = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#5b6675;--line:#dde2e8;--canvas:#f6f7f9;--surface:#fff;--accent:#1f5fae}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b5;--line:#2d3643;--canvas:#12171e;--surface:#1a212b;--accent:#7db2f5}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;display:grid;grid-template-columns:19rem minmax(0,1fr);font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--canvas)}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
code,pre{font:.86em/1.5 ui-monospace,monospace}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1rem;border-right:1px solid var(--line);background:var(--surface);font-size:.85rem}
nav ol{list-style:none;margin:0;padding:0}nav>ol>li{margin-bottom:.9rem}nav ol ol{margin-top:.2rem}
nav ol ol a{display:flex;gap:.3rem;align-items:baseline;padding:.1rem 0;color:var(--soft);text-decoration:none;overflow-wrap:anywhere}nav a:hover{color:var(--accent)}
.title{font-weight:600;font-size:1rem}.title small,.guard,.media,summary{color:var(--soft)}
main{max-width:60rem;padding:1rem 2rem 6rem}
h1{font-size:1.6rem}h2{margin:2.5rem 0 .5rem;font-size:1.2rem}h3{margin:0;font-size:1rem;font-weight:500;overflow-wrap:anywhere}
article{margin:0 0 1rem;padding:1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--surface)}
article p{margin:.4rem 0}
.mark{font-size:.7rem;padding:.05rem .35rem;border:1px solid var(--line);border-radius:.3rem;color:var(--soft)}
.method{display:inline-block;flex:none;min-width:3.4rem;font:600 .72rem ui-monospace,monospace;color:var(--soft)}
.method.POST,.method.PUT,.method.PATCH{color:var(--accent)}.method.DELETE{color:#b3382c}
@media(prefers-color-scheme:dark){.method.DELETE{color:#f08b80}}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.86rem}
th{text-align:left;font-weight:500;color:var(--soft)}
td,th{padding:.25rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
summary{cursor:pointer;margin:.4rem 0;font-size:.86rem}
pre{overflow-x:auto;margin:.6rem 0 0;padding:.6rem .8rem;border-radius:.4rem;background:var(--canvas)}
@media(max-width:50rem){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem}}
@media print{nav{display:none}body{display:block}}
`
