import type uPlot from 'uplot';
import { LEFT, RIGHT } from './moments';

const font = (color: (name: string) => string): string => `11px ${color('--font')}`;

function base(
  total: number,
  y: [number, number],
): Pick<uPlot.Options, 'width' | 'height' | 'legend' | 'cursor' | 'padding' | 'scales'> {
  return {
    width: 600,
    height: 80,
    legend: { show: false },
    cursor: { show: false },
    padding: [2, RIGHT, 2, 0],
    scales: { x: { time: false, range: [0, total] }, y: { range: y } },
  };
}

const line = (stroke: string, more: Partial<uPlot.Series> = {}): uPlot.Series => ({
  stroke,
  width: 1.75,
  spanGaps: false,
  points: { show: false },
  ...more,
});

/** The risk on its three zones, and below it thinly what counted. */
export function riskOptions(style: CSSStyleDeclaration, total: number): uPlot.Options {
  const color = (name: string) => style.getPropertyValue(name).trim();
  const zones = ['--ok-tint', '--warn-tint', '--danger-tint'].map(color);
  const paint = (plot: uPlot): void => {
    const { left, top, width, height } = plot.bbox;
    zones.forEach((fill, i) => {
      plot.ctx.fillStyle = fill;
      plot.ctx.fillRect(left, top + (height * (2 - i)) / 3, width, height / 3 - 1);
    });
  };
  return {
    ...base(total, [0, 1]),
    hooks: { drawClear: [paint] },
    axes: [
      { show: false },
      {
        stroke: color('--text-3'),
        font: font(color),
        size: LEFT,
        gap: 8,
        grid: { show: false },
        ticks: { show: false },
        splits: [1 / 6, 1 / 2, 5 / 6],
        values: ['Fine', 'Alert', 'Pause'],
      },
    ],
    series: [{}, line(color('--control'), { width: 1 }), line(color('--text'), { width: 2 })],
  };
}

/** Nozzle and bed with their targets. */
export function heatOptions(style: CSSStyleDeclaration, total: number, most: number): uPlot.Options {
  const color = (name: string) => style.getPropertyValue(name).trim();
  const target = { width: 1.25, dash: [2, 4] };
  return {
    ...base(total, [0, Math.max(100, most * 1.08)]),
    axes: [
      { show: false },
      {
        stroke: color('--text-3'),
        font: font(color),
        size: LEFT,
        gap: 8,
        space: 26,
        grid: { stroke: color('--line'), width: 1 },
        ticks: { show: false },
        values: (_u, splits) => splits.map((s) => `${s}°`),
      },
    ],
    series: [
      {},
      line(color('--nozzle'), target),
      line(color('--nozzle')),
      line(color('--bed'), target),
      line(color('--bed')),
    ],
  };
}
