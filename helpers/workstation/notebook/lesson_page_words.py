"""How the HTML pages look, what they forbid, and what their first page says."""

__all__ = ["INDEX", "LEAD", "PAGE_STYLE", "POLICY"]

INDEX = "Home AI Workstation Fundamentals"
LEAD = """\
<p>The whole course as plain pages: they need no JupyterLab, no script and no network, and can be read aloud,
enlarged, printed and searched.</p>
<p>What a lesson would ask for with a form stands here as a list, with the answers folded below it. Where a cell
measures your own machine, the page names the command for a terminal that does the same, if there is one. Write your
exercise answers in the exercise's notebook with any editor, below the labels, and hand them in with
<code>workstation submit NAME</code>.</p>"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
PAGE_STYLE = """<style>
:root { color-scheme: light dark; --ink: #1a1a1a; --ground: #ffffff; --line: #767676; --soft: #f3f3f3;
  --link: #0b4f9e; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #ececec; --ground: #16181b; --line: #8a8f96; --soft: #24272b; --link: #9cc4ff; }
}
body { font: 1.0625rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 46em;
  margin: 1em auto 4em; padding: 0 1em; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
main:focus { outline: none; }
.skip { position: absolute; inset-inline-start: -100em; }
.skip:focus { position: static; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2em; }
.ways { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25em 1.5em; }
.runs, blockquote { margin: 1em 0; padding: 0.25em 1em; border-inline-start: 0.25em solid var(--line); }
pre { white-space: pre-wrap; background: var(--soft); padding: 0.5em 0.75em; }
code, kbd, samp { font-family: ui-monospace, monospace; font-size: 0.95em; }
kbd { border: 1px solid var(--line); border-radius: 3px; padding: 0 0.3em; }
table { border-collapse: collapse; width: 100%; margin: 1em 0; overflow-wrap: break-word; }
caption { text-align: start; font-weight: 600; padding: 0.25em 0; }
th, td { text-align: start; vertical-align: top; padding: 0.4em 1em 0.4em 0; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 400; }
.letters { list-style: lower-alpha; } .plain { list-style: none; padding-inline-start: 1em; }
summary { cursor: pointer; font-weight: 600; padding: 0.25em 0; }
details { margin: 0.5em 0; } details > :not(summary) { margin-inline-start: 1em; }
.questions > li { margin-bottom: 1.5em; } img { max-width: 100%; height: auto; }
@media print {
  body { max-width: none; margin: 0; font-size: 10.5pt; --ink: #000; --ground: #fff; --link: #000; --soft: #fff; }
  header, .skip { display: none; } h2, h3, summary { break-after: avoid; } tr, li, .runs { break-inside: avoid; }
  thead { display: table-header-group; }
}
</style>"""
