import { escaped, fontFamily } from './drawing.ts';
import { variables } from './palette.ts';
import type { Report } from './report.ts';
import type { Table } from './tables.ts';

const style = `${variables}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.55 ${fontFamily}}
main{max-width:860px;margin:0 auto;padding:32px 20px 80px}
h1{font-size:26px;line-height:1.25;margin:0 0 4px}
h2{font-size:19px;margin:44px 0 10px;padding-top:14px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:28px 0 4px}
p{margin:6px 0}.faint,figcaption,.says{color:var(--faint);font-size:13px}
.question{font-size:17px;margin-bottom:18px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 16px;margin:14px 0;font-size:13.5px}
dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}
.caution{border-left:3px solid var(--bad);padding:4px 12px;margin:10px 0;background:var(--wash)}
figure{margin:22px 0 34px;break-inside:avoid}
figure svg{width:100%;height:auto;display:block}
figure h3{margin:0 0 8px}
figcaption{margin-top:6px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums;margin:8px 0 22px}
th,td{padding:4px 12px 4px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--faint);font-weight:500;vertical-align:bottom}
td.word,th.word{text-align:left}
.good{color:var(--good)}.bad{color:var(--bad)}
code{font:12.5px ui-monospace,'DejaVu Sans Mono',monospace;background:var(--wash);padding:1px 4px;border-radius:3px}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}table{break-inside:auto}tr{break-inside:avoid}}`;

/** One page with everything in it: no script, nothing from elsewhere; light or dark as the reader has it, light on paper. */
export function htmlOf(report: Report): string {
  const { name, question, facts, cautions, findings, remarks, reported, differs, figures, tables, source } =
    report;
  const paragraphs = (title: string, text: string | null) =>
    text === null ? '' : `<h3>${title}</h3><p>${escaped(text)}</p>`;
  const body = [
    `<h1>${escaped(name)}</h1>`,
    question === null ? '' : `<p class="question">${escaped(question)}</p>`,
    ...cautions.map((caution) => `<p class="caution">${escaped(caution)}</p>`),
    `<dl>${facts.map(([key, value]) => `<dt>${escaped(key)}</dt><dd>${key === 'command' ? `<code>${escaped(value)}</code>` : escaped(value)}</dd>`).join('')}</dl>`,
    findings.length === 0
      ? ''
      : `<h2>Result</h2>${findings.map((text) => `<p>${escaped(text)}</p>`).join('')}`,
    remarks.length === 0
      ? ''
      : `<h3>Remarks</h3>${remarks.map((text) => `<p>${escaped(text)}</p>`).join('')}`,
    paragraphs('What was reported', reported),
    paragraphs('What differs', differs),
    expectationsHtml(report),
    figures.length === 0 ? '' : '<h2>Figures</h2>',
    ...figures.map(
      ({ id, title, says, svg }) =>
        `<figure id="${id}"><h3>${escaped(title)}</h3>${accessible(svg, title)}<figcaption>${escaped(says)} ${escaped(source)}.</figcaption></figure>`,
    ),
    tables.length === 0 ? '' : '<h2>Tables</h2>',
    ...tables.map(tableHtml),
  ];
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">` +
    `<title>${escaped(name)}</title><style>${style}</style></head>\n<body><main>\n${body.filter(Boolean).join('\n')}\n</main></body></html>\n`
  );
}

/** Who does not see it hears its title; the data is in the tables. */
const accessible = (svg: string, title: string): string =>
  svg.replace('<svg ', `<svg role="img" aria-label="${escaped(title)}" `);

function expectationsHtml({ expectations }: Report): string {
  if (expectations.length === 0) return '';
  const rows = expectations.map(({ text, title, holds, left, right, missing }) => {
    const verdict = holds ? '<span class="good">holds</span>' : '<span class="bad">does not hold</span>';
    const note = missing > 0 ? ` (missing seeds: ${missing})` : '';
    return `<tr><td class="word">${escaped(text)}</td><td class="word">${escaped(title)}</td><td>${valueText(left)}</td><td>${valueText(right)}</td><td class="word">${verdict}${note}</td></tr>`;
  });
  return `<h2>Expectations</h2><div class="scroll"><table><tr><th class="word">expected</th><th class="word">of</th><th>left</th><th>right</th><th class="word"></th></tr>${rows.join('')}</table></div>`;
}

export const valueText = (value: number | null): string =>
  value === null ? '-' : String(Number(value.toPrecision(5)));

function tableHtml({ id, title, says, head, rows, words }: Table): string {
  const cells = (tag: 'td' | 'th', all: readonly string[]) =>
    all.map((text, i) => `<${tag}${i < words ? ' class="word"' : ''}>${escaped(text)}</${tag}>`).join('');
  return `<h3 id="table-${id}">${escaped(title)}</h3><p class="says">${escaped(says)}</p><div class="scroll"><table><thead><tr>${cells('th', head)}</tr></thead><tbody>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</tbody></table></div>`;
}
