import type uPlot from 'uplot';
import { clock } from '$lib/format/time';
import { tickTimes } from '$lib/prints/watched';

/** How the graph of the heaters looks, in the colours of the theme. */
export function tempOptions(style: CSSStyleDeclaration, secs: number): uPlot.Options {
  const color = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${color('--font')}`;
  const line = (label: string, stroke: string): uPlot.Series => ({
    label,
    stroke: color(stroke),
    width: 1.75,
    points: { show: false },
  });
  const target = (label: string, stroke: string): uPlot.Series => ({
    label,
    stroke: color(stroke),
    width: 1.25,
    dash: [2, 4],
    points: { show: false },
  });
  return {
    width: 400,
    height: 120,
    legend: { show: false },
    cursor: { show: false },
    // Half a label fits beside the last tick.
    padding: [8, 28, 0, 0],
    scales: {
      x: { time: true, range: (_u, _min, max) => [(max ?? 0) - secs, max ?? 0] },
      y: { range: (_u, _min, max) => [0, Math.max(100, (max ?? 0) * 1.06)] },
    },
    axes: [
      {
        stroke: color('--text-3'),
        font,
        // The first time is written beside the lowest temperature: below it, not over it.
        size: 30,
        gap: 9,
        // Our own round times: uPlot's are counted from midnight and leave the first minutes of a day empty.
        splits: (u, _axis, min, max) => tickTimes({ from: min, to: max }, u.width),
        grid: { show: false },
        ticks: { show: false },
        values: (_u, splits) => splits.map((s) => clock(s)),
      },
      {
        stroke: color('--text-3'),
        font,
        size: 38,
        gap: 6,
        space: 30,
        grid: { stroke: color('--line'), width: 1 },
        ticks: { show: false },
        values: (_u, splits) => splits.map((s) => `${s}°`),
      },
    ],
    series: [
      {},
      line('Nozzle', '--nozzle'),
      target('Nozzle, target', '--nozzle'),
      line('Bed', '--bed'),
      target('Bed, target', '--bed'),
    ],
  };
}
