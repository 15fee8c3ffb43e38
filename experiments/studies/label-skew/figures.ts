/** The figures of docs/studies/label-skew.md, drawn by echarts without a browser. */
import { init } from 'echarts';
import { oneLabel, populations, skewNames, strategies } from './design.js';
import type { StudyRecord } from './records.js';
import { centralizedOf, limitsOf, type Measured, meanCurve, measuredOf } from './summary.js';

/** A figure by the name of its files. */
export interface Figure {
  readonly name: string;
  readonly svg: string;
}

const colours = ['#4e79a7', '#f28e2b', '#59a14f', '#e15759', '#b07aa1', '#9c755f'];
const size = { width: 980, height: 430 };
/** Width of an error bar's ends, in pixels. */
const capWidth = 4;

interface Point {
  readonly x: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export function figures(records: readonly StudyRecord[]): readonly Figure[] {
  return [bySplit(records), bySteps(records), byRounds(records)];
}

/** Accuracy from no skew to all of it, beside the centralized model's. */
function bySplit(records: readonly StudyRecord[]): Figure {
  const names = skewNames.filter((skew) =>
    populations.some((clients) => measuredOf(records, { skew, clients, steps: 10 }, 'fedavg') !== undefined),
  );
  const panels = populations.map((clients) => ({
    title: clients === 10 ? '10 clients, all take part' : '100 clients, 10 a round',
    lines: strategies.map((use) => ({
      name: use,
      isJoined: false,
      points: names.flatMap((skew, place) =>
        pointOf(measuredOf(records, { skew, clients, steps: 10 }, use), place + 1, use),
      ),
    })),
  }));
  const xAxis = {
    ...namedAxis('split'),
    min: 0,
    max: names.length + 1,
    interval: 1,
    axisLabel: { formatter: (value: number) => names[value - 1] ?? '' },
  };
  return { name: 'label-skew-splits', svg: draw(panels, xAxis, lowerEnd(panels), referenceOf(records)) };
}

/** Accuracy of one-label and IID clients by local steps a round. */
function bySteps(records: readonly StudyRecord[]): Figure {
  const counts = [1, 10, 100];
  const panels = (['1 label', 'IID'] as const).map((skew) => ({
    title: `10 clients, ${skew === 'IID' ? 'IID' : 'one label each'}`,
    lines: strategies.map((use) => ({
      name: use,
      points: counts.flatMap((steps, place) =>
        pointOf(measuredOf(records, { skew, clients: 10, steps }, use), place + 1, use),
      ),
    })),
  }));
  const xAxis = {
    ...namedAxis('local steps a round'),
    min: 0,
    max: counts.length + 1,
    interval: 1,
    axisLabel: { formatter: (value: number) => String(counts[value - 1] ?? '') },
  };
  return { name: 'label-skew-steps', svg: draw(panels, xAxis, lowerEnd(panels), referenceOf(records)) };
}

/** One-label clients, round by round: all strategies to round 100, and fedavg to round 1000. */
function byRounds(records: readonly StudyRecord[]): Figure {
  const curveOf = (use: string): readonly number[] => measuredOf(records, oneLabel, use)?.curve ?? [];
  const asPoints = (curve: readonly number[], every: number): readonly Point[] =>
    curve.map((mean, i) => ({ x: (i + 1) * every, mean, low: mean, high: mean }));
  const long = ['1000 rounds', 'paper, 1000 rounds'].map((name) => {
    const curves = limitsOf(records, name);
    return asPoints(meanCurve(curves.map(({ curve }) => curve)), curves[0]?.every ?? 1);
  });
  const panels = [
    {
      title: '10 clients, one label each: 100 rounds',
      lines: strategies.map((use) => ({ name: use, points: asPoints(curveOf(use), 5) })),
    },
    {
      title: 'fedavg, 1000 rounds; dashed: the paper’s setting',
      lines: [
        { name: 'fedavg', points: long[0] ?? [] },
        { name: 'fedavg', points: long[1] ?? [], isDashed: true },
      ],
    },
  ];
  return {
    name: 'label-skew-rounds',
    svg: draw(panels, { ...namedAxis('round'), min: 0 }, 0, referenceOf(records)),
  };
}

function namedAxis(name: string): object {
  return { type: 'value', name, nameLocation: 'middle', nameGap: 28, splitLine: { show: false } };
}

/** Strategies stand side by side, so that their bars can be told apart. */
function pointOf(measured: Measured | undefined, place: number, use: string): readonly Point[] {
  if (measured === undefined) return [];
  const { mean, interval: [low, high] = [mean, mean] } = measured.accuracy;
  const offset = (strategies.findIndex((name) => name === use) - (strategies.length - 1) / 2) * 0.09;
  return [{ x: place + offset, mean, low: Math.max(low, 0), high: Math.min(high, 100) }];
}

function referenceOf(records: readonly StudyRecord[]): number | undefined {
  const runs = centralizedOf(records);
  return runs.length === 0 ? undefined : meanCurve(runs.map(({ accuracy = Number.NaN }) => [accuracy]))[0];
}

interface Line {
  readonly name: string;
  readonly points: readonly Point[];
  readonly isDashed?: boolean;
  /** Whether a line goes through the points (default): what lies between two of them means something. */
  readonly isJoined?: boolean;
}

/** Where the axis of accuracies may start without leaving anything out. */
function lowerEnd(panels: readonly { readonly lines: readonly Line[] }[]): number {
  const lows = panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(({ low }) => low)));
  return 10 * Math.floor(Math.min(90, ...lows) / 10);
}

/** Two panels side by side, with 95 % intervals and a dotted line for the centralized model. */
function draw(
  panels: readonly { readonly title: string; readonly lines: readonly Line[] }[],
  xAxis: object,
  min: number,
  reference: number | undefined,
): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'DejaVu Sans, sans-serif' },
    title: panels.map(({ title }, panel) => ({
      text: title,
      textStyle: { fontSize: 13 },
      left: 50 + 480 * panel,
      top: 5,
    })),
    legend: { bottom: 0, data: [...strategies] },
    grid: panels.map((_, panel) => ({ left: 60 + 480 * panel, top: 45, width: 410, height: 300 })),
    xAxis: panels.map((_, gridIndex) => ({ ...xAxis, gridIndex })),
    yAxis: panels.map((_, gridIndex) => ({
      type: 'value',
      gridIndex,
      min,
      max: 100,
      name: gridIndex > 0 ? '' : `test accuracy, %${min > 0 ? ` (axis from ${min})` : ''}`,
      nameLocation: 'middle',
      nameGap: 35,
    })),
    series: panels.flatMap(({ lines }, panel) => [
      ...lines.flatMap(({ name, points, isDashed = false, isJoined = true }, index) => {
        const at = { xAxisIndex: panel, yAxisIndex: panel, silent: true, name };
        const color = colours[strategies.findIndex((use) => use === name)] ?? '#000000';
        return [
          {
            ...at,
            type: 'line',
            color,
            showSymbol: points.length < 10,
            symbolSize: 6,
            emphasis: { disabled: true },
            lineStyle: {
              width: points.length < 10 ? 0.7 : 2,
              type: isDashed ? 'dashed' : 'solid',
              opacity: isJoined ? 1 : 0,
            },
            data: points.map(({ x, mean }) => [rounded(x), rounded(mean)]),
            ...(index === 0 && reference !== undefined && { markLine: dotted(reference) }),
          },
          {
            ...at,
            type: 'custom',
            color,
            renderItem: errorBar(color),
            data: points.filter(({ low, high }) => high > low).map(barOf),
          },
        ];
      }),
    ]),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

function dotted(at: number): object {
  return {
    silent: true,
    symbol: 'none',
    lineStyle: { color: '#555555', type: 'dotted' },
    label: { formatter: 'centralized', position: 'insideEndTop', color: '#555555' },
    data: [{ yAxis: rounded(at) }],
  };
}

function barOf({ x, low, high }: Point): readonly number[] {
  return [x, low, high].map(rounded);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

/** A vertical bar from the second to the third value at the first, with ends. */
function errorBar(stroke: string) {
  return (_: unknown, api: { value(index: number): number; coord(point: readonly number[]): readonly number[] }) => {
    const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)]);
    const [, high = 0] = api.coord([api.value(0), api.value(2)]);
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line',
      shape: { x1, y1, x2, y2 },
      style: { stroke, lineWidth: 1.2 },
    });
    return {
      type: 'group',
      children: [
        line(x, low, x, high),
        line(x - capWidth, low, x + capWidth, low),
        line(x - capWidth, high, x + capWidth, high),
      ],
    };
  };
}
