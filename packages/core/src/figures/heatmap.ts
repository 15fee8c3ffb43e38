import type { EChartsCoreOption } from 'echarts/core';

/** A table of numbers to be drawn as coloured cells; row 0 is at the top. */
export interface Heatmap {
  readonly title: string;
  readonly rows: Axis;
  readonly columns: Axis;
  /** `[rows][columns]`, not negative. */
  readonly values: readonly (readonly number[])[];
}

export interface Axis {
  readonly name: string;
  readonly labels: readonly string[];
}

/** Pixels: of a cell, where the table is small enough, and around the table. */
const cell = { width: 56, height: 26 };
const margin = { top: 56, right: 24, bottom: 48, left: 72 };
/** Cells without room for their number have none. */
const numberedColumns = 20;

/** The picture as an SVG document. The library that draws it is loaded only here. */
export async function drawHeatmap(heatmap: Heatmap): Promise<string> {
  const [{ init, use }, { HeatmapChart }, components, { SVGRenderer }] = await Promise.all([
    import('echarts/core'),
    import('echarts/charts'),
    import('echarts/components'),
    import('echarts/renderers'),
  ]);
  use([HeatmapChart, components.GridComponent, components.TitleComponent, components.VisualMapComponent, SVGRenderer]);
  const columns = heatmap.columns.labels.length;
  const width = Math.min(1200, Math.max(480, margin.left + margin.right + columns * cell.width));
  const height = margin.top + margin.bottom + heatmap.rows.labels.length * cell.height;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption(optionsOf(heatmap));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function optionsOf({ columns, rows, title, values }: Heatmap): EChartsCoreOption {
  const axis = ({ labels, name }: Axis, nameGap: number) => ({
    ...{ type: 'category', data: labels, name, nameGap, nameLocation: 'middle' },
    ...{ axisTick: { show: false }, splitArea: { show: false } },
  });
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center', top: 12, textStyle: { fontSize: 14 } },
    grid: margin,
    xAxis: axis(columns, 28),
    yAxis: { ...axis(rows, 40), inverse: true },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(1, ...values.flat()),
      inRange: { color: ['#f7fbff', '#9ecae1', '#2171b5'] },
    },
    series: [
      {
        type: 'heatmap',
        data: values.flatMap((row, y) => row.map((value, x) => [x, y, value])),
        label: { show: columns.labels.length <= numberedColumns, fontSize: 11 },
        itemStyle: { borderColor: '#ffffff', borderWidth: 1 },
      },
    ],
  };
}
