import type { Spread } from './statistics.ts';

const WIDTH = 900;
const LABELS = 330;
const PLOT = 440;
const TOP = 84;
const ROW = 34;
const BAR = 18;
const COLOURS = { ours: '#c2410c', other: '#475569', ceiling: '#94a3b8' } as const;
const INK = '#0f172a';
const FAINT = '#64748b';

export interface Bar {
  readonly id: string;
  readonly label: string;
  readonly rate: Spread;
  readonly kind: keyof typeof COLOURS;
}

export interface BarChart {
  readonly title: string;
  readonly subtitle: string;
  /** The source of the figures. */
  readonly footer: string;
  /** The text alternative for screen readers. */
  readonly about: string;
  readonly bars: readonly Bar[];
}

/** One bar for each candidate: the median, with a whisker from the slowest to the fastest round. No script, no outside font. */
export function barChart({ title, subtitle, footer, about, bars }: BarChart): string {
  const step = niceStep(Math.max(...bars.map(({ rate }) => rate.max), 1));
  const most = step * Math.ceil(Math.max(...bars.map(({ rate }) => rate.max), 1) / step);
  const x = (perSecond: number): number => LABELS + (perSecond / most) * PLOT;
  const bottom = TOP + bars.length * ROW;
  const ticks = Array.from({ length: Math.round(most / step) + 1 }, (_, index) => index * step);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + 64}" font-family="system-ui, 'DejaVu Sans', sans-serif" role="img" aria-label="${escapeXml(about)}">
<rect width="100%" height="100%" fill="#ffffff"/>
${text(24, 34, title, { size: 19, weight: 600 })}
${text(24, 58, subtitle, { size: 13, colour: FAINT })}
${legend([
  ['this system', COLOURS.ours],
  ['usual implementations', COLOURS.other],
  ['stores nothing', COLOURS.ceiling],
])}
${ticks.map((tick) => gridLine(x(tick), bottom, tick)).join('\n')}
${bars.map((bar, index) => barOf(bar, TOP + index * ROW, x)).join('\n')}
${text(24, bottom + 48, footer, { size: 12, colour: FAINT })}
</svg>
`;
}

function legend(entries: readonly (readonly [string, string])[]): string {
  const at = (index: number): number => WIDTH - 24 - (entries.length - index) * 118;
  return entries
    .map(([name, colour], index) => {
      const swatch = `<rect x="${at(index)}" y="23" width="12" height="12" rx="2" fill="${colour}"/>`;
      return `${swatch}\n${text(at(index) + 18, 33.5, name, { size: 12.5, colour: FAINT })}`;
    })
    .join('\n');
}

function barOf({ id, label, rate, kind }: Bar, y: number, x: (perSecond: number) => number): string {
  const middle = y + ROW / 2;
  const weight = kind === 'ours' ? 600 : 400;
  return [
    text(LABELS - 12, middle + 4.5, `${label} (${id})`, { size: 13, anchor: 'end', weight }),
    `<rect x="${LABELS}" y="${middle - BAR / 2}" width="${round(x(rate.median) - LABELS)}" height="${BAR}" rx="2" fill="${COLOURS[kind]}"/>`,
    `<path d="M${round(x(rate.min))} ${middle}H${round(x(rate.max))}M${round(x(rate.min))} ${middle - 4}v8M${round(x(rate.max))} ${middle - 4}v8" stroke="${INK}" stroke-width="1.2"/>`,
    text(x(rate.max) + 10, middle + 4.5, Math.round(rate.median).toLocaleString('en'), { size: 13, weight }),
  ].join('\n');
}

function gridLine(x: number, bottom: number, tick: number): string {
  const line = `<path d="M${round(x)} ${TOP - 6}V${bottom + 4}" stroke="#e2e8f0"/>`;
  return `${line}\n${text(x, bottom + 22, tick.toLocaleString('en'), { size: 12, colour: FAINT, anchor: 'middle' })}`;
}

interface TextStyle {
  readonly size: number;
  readonly colour?: string;
  readonly anchor?: 'middle' | 'end';
  readonly weight?: number;
}

function text(x: number, y: number, content: string, { size, colour = INK, anchor, weight }: TextStyle): string {
  const style = `${anchor ? ` text-anchor="${anchor}"` : ''}${weight ? ` font-weight="${weight}"` : ''}`;
  return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${colour}"${style}>${escapeXml(content)}</text>`;
}

/** 1, 2 or 5 times a power of ten, for four to nine lines. */
function niceStep(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => most / step <= 8) ?? 10 * power;
}

const round = (value: number): number => Math.round(value * 10) / 10;
const escapeXml = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
