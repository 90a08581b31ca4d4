// What Chart.js is told to draw, and how: lines with their gaps, marks of trades, axes, tooltip, crosshair.

import { amount, calendarTicks, isHidden, longDate, token, valueRange, zoneOf } from "./chart-words.js";

const isPrivate = () => document.documentElement.hasAttribute("data-private");
const still = matchMedia("(prefers-reduced-motion: reduce), print");

// --- What is drawn --------------------------------------------------------------------------------------

export const asPoints = (pairs) => pairs.map(([x, y]) => ({ x, y }));

/** Growth as change, so that an axis has round percentages; only a logarithm needs the growth itself. */
export function asChange(data) {
  const less = (pairs) => pairs?.map(([x, y]) => [x, y === null ? null : y - 1]);
  return { ...data, unit: "ratio", main: less(data.main), base: less(data.base) };
}

// A coin's own colour, as everywhere else: 1 is that of Bitcoin, and of what is no coin.
const colourOf = (data) => (data.falls ? "neg" : data.palette > 1 ? `d${data.palette}` : "btc");

function mainLine(data, points) {
  const colour = token(colourOf(data));
  return {
    label: data.label,
    data: points,
    borderColor: colour,
    borderWidth: 2,
    pointRadius: dots(points),
    pointBackgroundColor: colour,
    pointBorderWidth: 0,
    pointHoverRadius: 5,
    pointHoverBackgroundColor: colour,
    pointHoverBorderColor: token("surface"),
    pointHoverBorderWidth: 2,
    fill: data.marks ? false : "origin", // to 0, or to the edge where that is nearer
    backgroundColor: (context) => fade(context, colourOf(data)),
    order: 1,
  };
}

// A value between two gaps has no line to lie on, so it is drawn as a dot.
function dots(points) {
  const isGap = (index) => (points[index]?.y ?? null) === null;
  return points.map((_, i) => (!isGap(i) && isGap(i - 1) && isGap(i + 1) ? 2 : 0));
}

function fade({ chart }, name) {
  if (!chart.chartArea) return undefined;
  const gradient = chart.ctx.createLinearGradient(0, chart.chartArea.top, 0, chart.chartArea.bottom);
  gradient.addColorStop(0, token(name, 0.22));
  gradient.addColorStop(1, token(name, 0));
  return gradient;
}

const baseLine = (data) => ({
  label: data.baseLabel,
  data: asPoints(data.base),
  borderColor: token(data.benchmark ? "d2" : "ink-3"),
  borderWidth: 1.5,
  borderDash: [4, 4],
  pointRadius: 0,
  pointHoverRadius: 0,
  stepped: data.benchmark ? false : "before", // money comes at once, a price moves
  order: 2,
});

// A price of the reader's own, the same all along: what the coins cost on average, where nothing is lost.
const LEVELS = { "Average price": ["ink-3", [6, 4]], "Break-even": ["d2", [2, 3]] };

const levelLine = ([label, price], points, [colour, dash] = LEVELS[label]) => ({
  label,
  data: points.map(({ x }) => ({ x, y: price })),
  borderColor: token(colour),
  borderWidth: 1.5,
  borderDash: dash,
  pointRadius: 0,
  pointHoverRadius: 0,
  order: 2,
});

function markers(marks, kind, colour, rotation) {
  const data = marks.filter((mark) => mark[2] === kind).map(([x, y, , text]) => ({ x, y, text }));
  return {
    label: kind,
    data,
    showLine: false,
    pointStyle: "triangle",
    pointRotation: rotation,
    pointRadius: data.length > 30 ? 5 : 7,
    pointHoverRadius: 9,
    pointBackgroundColor: colour,
    pointBorderColor: token("surface"),
    pointBorderWidth: 1.5,
    order: 0,
  };
}

export function datasets(data, points) {
  const [first, last] = [points[0].x, points.at(-1).x];
  const marks = (data.marks ?? []).filter(([ms]) => ms >= first && ms <= last);
  const lines = [mainLine(data, points)];
  if (data.base) lines.push(baseLine(data));
  if (isPrivate()) return lines; // the price is public; trades and what they cost are not
  for (const level of data.levels ?? []) lines.push(levelLine(level, points));
  if (data.marks) {
    lines.push(markers(marks, "Buy", token("pos"), 0), markers(marks, "Sell", token("neg"), 180));
  }
  return lines;
}

export const crosshair = {
  id: "crosshair",
  afterDatasetsDraw({ ctx, chartArea, tooltip }) {
    const active = tooltip?.getActiveElements()[0];
    if (!active) return;
    ctx.save();
    ctx.strokeStyle = token("line-2");
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(active.element.x, chartArea.top);
    ctx.lineTo(active.element.x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
};

/** Hover by date: each line answers with its nearest point, a mark only from close by. */
export function byX(chart, event) {
  return chart.getSortedVisibleDatasetMetas().flatMap((meta) => {
    let nearest;
    let distance = chart.data.datasets[meta.index].showLine === false ? 10 : Infinity;
    meta.data.forEach((element, index) => {
      const away = Math.abs(element.x - event.x);
      if (away >= distance || element.skip) return;
      distance = away;
      nearest = { element, datasetIndex: meta.index, index };
    });
    return nearest ? [nearest] : [];
  });
}

// --- Options --------------------------------------------------------------------------------------------

export function options(data, points, logarithmic) {
  const levels = isPrivate() ? [] : (data.levels ?? []).map(([, y]) => ({ y }));
  const everything = [...points, ...(data.base ? asPoints(data.base) : []), ...levels];
  return {
    parsing: false,
    normalized: true,
    spanGaps: false,
    maintainAspectRatio: false,
    animation: still.matches ? false : { duration: 350 },
    layout: { padding: { top: 14, right: 4 } },
    interaction: { mode: "byX" },
    plugins: { legend: { display: false }, tooltip: tooltip(data, zoneOf(points)) },
    scales: {
      x: timeAxis(points),
      y: valueAxis(data, logarithmic ? {} : valueRange(everything), logarithmic),
    },
  };
}

const timeAxis = (points) => ({
  type: "linear",
  min: points[0].x,
  max: points.at(-1).x,
  grid: { display: false },
  border: { display: false },
  ticks: { color: token("ink-3"), maxRotation: 0, autoSkip: false, callback: (_, i, ticks) => ticks[i].label },
  afterBuildTicks: (axis) => { axis.ticks = calendarTicks(axis.min, axis.max, axis.width, zoneOf(points)); },
});

const valueAxis = (data, range, logarithmic) => ({
  type: logarithmic ? "logarithmic" : "linear",
  position: "right",
  ...range,
  grid: { color: token("line"), drawTicks: false },
  border: { display: false },
  ticks: {
    color: token("ink-3"),
    maxTicksLimit: 5,
    includeBounds: false, // an end that is no round figure has no label, which could touch the next one
    padding: 8,
    callback: (value) => amount(value, data, true),
  },
});

const tooltip = (data, zone) => ({
  backgroundColor: token("btn"),
  titleColor: token("btn-ink"),
  bodyColor: token("btn-ink"),
  titleFont: { weight: "600" },
  padding: 10,
  cornerRadius: 8,
  boxPadding: 5,
  boxWidth: 7,
  boxHeight: 7,
  usePointStyle: true,
  callbacks: {
    title: (items) => longDate(items[0].parsed.x, zone),
    label: ({ dataset, raw }) => `${dataset.label}  ${raw.text && !isHidden(data) ? raw.text : amount(raw.y, data)}`,
    labelColor: ({ dataset }) => {
      const colour = dataset.showLine === false ? dataset.pointBackgroundColor : dataset.borderColor;
      return { borderColor: colour, backgroundColor: colour };
    },
  },
});
