import { readFileSync } from 'node:fs';
import type { MissingReason } from './day-account.ts';
import { WORDS, type Language, type ReportWords } from './report-words.ts';
import { shareOf, type AssuranceReport, type ReportCamera, type Sums } from './report.ts';

/** Holes that the page lists; the sums hold all of them. */
const LISTED_HOLES = 400;
const STYLE = readFileSync(new URL('./report-page.css', import.meta.url), 'utf8');

/** The report as one HTML document without anything from outside, to be printed on A4. */
export function reportPage(report: AssuranceReport, language: Language): string {
  const words = WORDS[language];
  const time = clockOf(report.timeZone);
  const facts: [string, string][] = [
    [words.box, report.box],
    [words.month, report.month],
    [words.timeZone, report.timeZone],
    [words.until, time(report.untilUs)],
    [words.made, time(report.madeUs)],
  ];
  return `<!doctype html>
<html lang="${words.htmlLanguage}">
<head>
<meta charset="utf-8">
<title>${escape(`${words.title} ${report.month} ${report.box}`)}</title>
<style>
${STYLE}</style>
</head>
<body>
<h1>${words.title}</h1>
<dl>${facts.map(([key, value]) => `<div><dt>${key}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>
<h2>${words.summary}</h2>
${summaryTable(report, words)}
<h2>${words.daily}</h2>
<p class="note">${words.dailyNote}</p>
${dailyTable(report, words)}
<h2>${words.holes}</h2>
${holesTable(report, words, time)}
<p class="signature">${words.signature}</p>
</body>
</html>
`;
}

function summaryTable({ cameras, total }: AssuranceReport, words: ReportWords): string {
  const heads = [
    words.camera,
    words.expected,
    words.recorded,
    words.missing,
    words.filledIn,
    words.besides,
    words.share,
  ];
  const row = (name: string, sums: Sums, tag: 'td' | 'th'): string => {
    const { expectedS, recordedS, missingS, filledInS, besidesS } = sums;
    const figures = [expectedS, recordedS, missingS, filledInS, besidesS].map(duration);
    const share = shareOf(sums);
    const cells = [...figures, share === undefined ? words.nothingExpected : `${percent(share, 2)} %`];
    const because = reasonsOf(sums, words);
    const first = `<${tag} scope="row">${escape(name)}${because ? `<small>${because}</small>` : ''}</${tag}>`;
    return `<tr>${first}${cells.map((text) => `<td class="figure">${text}</td>`).join('')}</tr>`;
  };
  return `<table><thead><tr>${heads.map((head) => `<th scope="col"${head === words.camera ? '' : ' class="figure"'}>${head}</th>`).join('')}</tr></thead>
<tbody>${cameras.map((camera) => row(labelOf(camera), camera, 'td')).join('\n')}</tbody>
<tfoot>${row(words.total, total, 'th')}</tfoot></table>`;
}

function reasonsOf({ missingByReason }: Sums, words: ReportWords): string {
  const parts = Object.entries(missingByReason) as [MissingReason, number][];
  return parts
    .sort(([, a], [, b]) => b - a)
    .map(([reason, value]) => `${words.reasons[reason]} ${duration(value)}`)
    .join(' · ');
}

function dailyTable({ cameras }: AssuranceReport, words: ReportWords): string {
  const days = cameras[0]?.days.map(({ day }) => day) ?? [];
  const head = days.map((day) => `<th scope="col">${Number(day.slice(8))}</th>`).join('');
  const rows = cameras.map((camera) => {
    const cells = camera.days.map((day) => {
      const share = shareOf(day);
      if (share === undefined) return '<td>·</td>';
      return `<td class="${share >= 1 ? 'whole' : share >= 0.99 ? 'nearly' : 'holed'}">${percent(share, 0)}</td>`;
    });
    return `<tr><th scope="row">${escape(labelOf(camera))}</th>${cells.join('')}</tr>`;
  });
  return `<table class="daily"><thead><tr><th scope="col">${words.camera}</th>${head}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function holesTable({ cameras }: AssuranceReport, words: ReportWords, time: (us: number) => string): string {
  const all = cameras.flatMap((camera) =>
    camera.days.flatMap(({ missing }) =>
      missing.filter(({ reason }) => reason !== 'brief').map((span) => ({ ...span, name: labelOf(camera) })),
    ),
  );
  if (all.length === 0) return `<p>${words.noHoles}</p>`;
  const longest = [...all].sort((a, b) => b.endUs - b.startUs - (a.endUs - a.startUs)).slice(0, LISTED_HOLES);
  const listed = new Set(longest);
  const rows = all
    .filter((span) => listed.has(span))
    .map(({ name, startUs, endUs, reason }) => {
      const cells = [
        escape(name),
        time(startUs),
        time(endUs),
        duration((endUs - startUs) / 1e6),
        words.reasons[reason],
      ];
      return `<tr>${cells.map((text) => `<td>${text}</td>`).join('')}</tr>`;
    });
  const heads = [words.camera, words.from, words.to, words.length, words.reason];
  const left = all.length - longest.length;
  return `<table class="holes"><thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join('')}</tr></thead>
<tbody>${rows.join('\n')}</tbody></table>${left > 0 ? `<p class="note">${words.more(left)}</p>` : ''}`;
}

function labelOf({ camera, name }: ReportCamera): string {
  return name === camera ? camera : `${name} (${camera})`;
}

/** Never 100 where something is missing. */
function percent(share: number, digits: number): string {
  const scale = 10 ** digits;
  return (Math.floor(share * 100 * scale) / scale).toFixed(digits);
}

/** Hours, minutes and whole seconds; what is missing for less than a second still shows. */
function duration(seconds: number): string {
  if (seconds > 0 && seconds < 1) return '<1 s'.replace('<', '&lt;');
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours}:${String(minutes).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

/** As 2026-05-31 18:30:00 GMT+2, in every language alike. */
function clockOf(timeZone: string): (us: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  });
  return (us) => escape(format.format(new Date(us / 1000)));
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
