// Draws every [data-chart] from the JSON beside it: a value line with its gaps, an optional stepped base
// line, optional trade marks. The table next to the chart says the same, and stands in when this cannot run.
//
// JSON: { label, main: [[ms, value|null], …], baseLabel?, base?: [[ms, value|null], …],
//         marks?: [[ms, price, "Buy"|"Sell", text], …], public?: bool, currency?: "USD"|"BTC"|"sats"|… }

import { loadChart } from "./chartjs.js";

const DAY = 86_400_000;
const MOST_MARKS = 60;
const HIDDEN = "•••••";
const root = document.documentElement;
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const language = root.lang || "en";
const charts = new Map(); // box → Chart
let Chart;

// --- Words and colours ----------------------------------------------------------------------------------

const inUTC = (ms, options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(ms);
const longDate = (ms) => inUTC(ms, ms % DAY ? { dateStyle: "medium", timeStyle: "short" } : { dateStyle: "medium" });
const isHidden = (data) => root.hasAttribute("data-private") && !data.public;

function amount(value, data, compact = false) {
  if (isHidden(data)) return HIDDEN;
  const currency = data.currency || root.dataset.currency || "USD";
  if (currency === "BTC" || currency === "sats") return inBitcoin(value, currency, compact);
  const small = Math.abs(value) < 1 && value !== 0;
  const digits = compact || small ? { maximumSignificantDigits: compact ? 3 : 4 } : {};
  const notation = compact ? "compact" : "standard";
  return new Intl.NumberFormat(language, { style: "currency", currency, notation, ...digits }).format(value);
}

function inBitcoin(value, unit, compact) {
  const digits = compact ? { maximumSignificantDigits: 3 } : { minimumFractionDigits: unit === "BTC" ? 8 : 0 };
  const notation = compact && unit === "sats" ? "compact" : "standard";
  const figure = unit === "sats" ? Math.round(value * 1e8) : value;
  return `${new Intl.NumberFormat(language, { notation, ...digits }).format(figure)}${compact ? "" : ` ${unit}`}`;
}

// A canvas knows neither var() nor light-dark(): a hidden element turns a token into rgb() for it.
const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

function token(name, alpha = 1) {
  probe.style.color = `var(--${name})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

// --- Axes -----------------------------------------------------------------------------------------------

/** Ticks on days, months or years that people know, about one per 90 px. */
function calendarTicks(from, to, width) {
  const most = Math.max(2, Math.floor(width / 90));
  const days = (to - from) / DAY;
  if (days <= 2) return hourTicks(from, to, most);
  return days <= 60 ? dayTicks(from, to, most) : monthTicks(from, to, most);
}

function hourTicks(from, to, most) {
  const hour = DAY / 24;
  const step = [1, 2, 3, 6, 12, 24].find((hours) => (to - from) / (hours * hour) <= most) ?? 24;
  return every(step * hour, from, to, (ms) => inUTC(ms, ms % DAY ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short" }));
}

function dayTicks(from, to, most) {
  const step = Math.max(1, Math.ceil((to - from) / DAY / most));
  return every(step * DAY, from, to, (ms) => inUTC(ms, { day: "numeric", month: "short" }));
}

function every(step, from, to, label) {
  const ticks = [];
  for (let ms = Math.ceil(from / step) * step; ms <= to; ms += step) ticks.push({ value: ms, label: label(ms) });
  return ticks;
}

function monthTicks(from, to, most) {
  const months = (to - from) / DAY / 30.4;
  const step = [1, 2, 3, 6, 12, 24, 36, 60].find((size) => months / size <= most) ?? 120;
  const first = new Date(from);
  const start = first.getUTCFullYear() * 12 + first.getUTCMonth();
  const ticks = [];
  for (let month = Math.ceil(start / step) * step; ; month += step) {
    const ms = Date.UTC(Math.floor(month / 12), month % 12);
    if (ms > to) return ticks;
    if (ms < from) continue;
    const year = month % 12 === 0 || step >= 12;
    ticks.push({ value: ms, label: year ? inUTC(ms, { year: "numeric" }) : inUTC(ms, { month: "short" }) });
  }
}

/** From zero, unless everything lies far above it: then a short range may look closer. */
function valueRange(points) {
  const values = points.map((point) => point.y).filter((value) => value !== null);
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low > high * 0.4) return { grace: "8%" };
  return { min: Math.min(0, low), suggestedMax: high * 1.06 };
}

// --- What is drawn --------------------------------------------------------------------------------------

const asPoints = (pairs) => pairs.map(([x, y]) => ({ x, y }));

function mainLine(data, points) {
  const colour = token("btc");
  return {
    label: data.label,
    data: points,
    borderColor: colour,
    borderWidth: 2,
    pointRadius: loneliness(points),
    pointBackgroundColor: colour,
    pointBorderWidth: 0,
    pointHoverRadius: 5,
    pointHoverBackgroundColor: colour,
    pointHoverBorderColor: token("surface"),
    pointHoverBorderWidth: 2,
    fill: data.marks ? false : "start",
    backgroundColor: fade,
    order: 1,
  };
}

// A value between two gaps has no line to lie on, so it is drawn as a dot.
const loneliness = (points) =>
  points.map(({ y }, i) => (y !== null && (points[i - 1]?.y ?? null) === null && (points[i + 1]?.y ?? null) === null ? 2 : 0));

function fade({ chart }) {
  if (!chart.chartArea) return undefined;
  const gradient = chart.ctx.createLinearGradient(0, chart.chartArea.top, 0, chart.chartArea.bottom);
  gradient.addColorStop(0, token("btc", 0.22));
  gradient.addColorStop(1, token("btc", 0));
  return gradient;
}

const baseLine = (data) => ({
  label: data.baseLabel,
  data: asPoints(data.base),
  borderColor: token("ink-3"),
  borderWidth: 1.5,
  borderDash: [4, 4],
  pointRadius: 0,
  pointHoverRadius: 0,
  stepped: "before",
  order: 2,
});

function markers(marks, kind, colour, rotation) {
  const data = marks.filter((mark) => mark[2] === kind).map(([x, y, , text]) => ({ x, y, text }));
  return {
    label: kind,
    data: clustered(data, kind),
    showLine: false,
    pointStyle: "triangle",
    pointRotation: rotation,
    pointRadius: 7,
    pointHoverRadius: 9,
    pointBackgroundColor: colour,
    pointBorderColor: token("surface"),
    pointBorderWidth: 1.5,
    order: 0,
  };
}

/** So many trades that they would hide the line: neighbours share one mark that says how many it stands for. */
function clustered(marks, kind) {
  if (marks.length <= MOST_MARKS) return marks;
  const size = Math.ceil(marks.length / MOST_MARKS);
  return Array.from({ length: Math.ceil(marks.length / size) }, (_, group) => {
    const members = marks.slice(group * size, (group + 1) * size);
    return { ...members.at(-1), text: `${members.length} trades (${kind}), the last ${members.at(-1).text}` };
  });
}

function datasets(data, points) {
  const [first, last] = [points[0].x, points.at(-1).x];
  const marks = (data.marks ?? []).filter(([ms]) => ms >= first && ms <= last);
  const lines = [mainLine(data, points)];
  if (data.base) lines.push(baseLine(data));
  if (data.marks) {
    lines.push(markers(marks, "Buy", token("pos"), 0), markers(marks, "Sell", token("neg"), 180));
  }
  return lines;
}

const crosshair = {
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
function byX(chart, event) {
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

function options(data, points, logarithmic) {
  const everything = data.base ? [...points, ...asPoints(data.base)] : points;
  return {
    parsing: false,
    normalized: true,
    spanGaps: false,
    maintainAspectRatio: false,
    animation: calm ? false : { duration: 350 },
    layout: { padding: { top: 14, right: 4 } },
    interaction: { mode: "byX" },
    plugins: { legend: { display: false }, tooltip: tooltip(data) },
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
  afterBuildTicks: (axis) => { axis.ticks = calendarTicks(axis.min, axis.max, axis.width); },
});

const valueAxis = (data, range, logarithmic) => ({
  type: logarithmic ? "logarithmic" : "linear",
  position: "right",
  ...range,
  grid: { color: token("line"), drawTicks: false },
  border: { display: false },
  ticks: { color: token("ink-3"), maxTicksLimit: 5, padding: 8, callback: (value) => amount(value, data, true) },
});

const tooltip = (data) => ({
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
    title: (items) => longDate(items[0].parsed.x),
    label: ({ dataset, raw }) => `${dataset.label}  ${raw.text && !isHidden(data) ? raw.text : amount(raw.y, data)}`,
    labelColor: ({ dataset }) => {
      const colour = dataset.showLine === false ? dataset.pointBackgroundColor : dataset.borderColor;
      return { borderColor: colour, backgroundColor: colour };
    },
  },
});

// --- Drawing --------------------------------------------------------------------------------------------

function draw(box) {
  charts.get(box)?.destroy();
  const data = JSON.parse(document.getElementById(box.dataset.series).textContent);
  const points = asPoints(data.main);
  if (!points.some((point) => point.y !== null)) return;
  const logarithmic = scaleOf(box) === "logarithmic" && hasLogarithm(box, points);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.font.size = 11;
  const chart = new Chart(box.querySelector("canvas"), {
    type: "line",
    data: { datasets: datasets(data, points) },
    options: options(data, points, logarithmic),
    plugins: [crosshair],
  });
  charts.set(box, chart);
  readByKeyboard(box, chart, data, points);
}

/** Arrow keys walk along the line; a polite live region says where one stands. */
function readByKeyboard(box, chart, data, points) {
  const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: 30, PageDown: -30, Home: -Infinity, End: Infinity };
  let at = points.length - 1;
  box.onkeydown = (event) => {
    if (!(event.key in steps)) return;
    event.preventDefault();
    at = Math.min(points.length - 1, Math.max(0, at + steps[event.key]));
    const active = chart.data.datasets.flatMap((set, datasetIndex) =>
      set.showLine !== false && set.data[at] ? [{ datasetIndex, index: at }] : []);
    chart.setActiveElements(active);
    chart.tooltip.setActiveElements(active, { x: 0, y: 0 });
    chart.update("none");
    box.querySelector("[role=status]").textContent = spoken(data, points[at], data.base?.[at]);
  };
}

function spoken(data, { x, y }, base) {
  const value = y === null ? "no price" : amount(y, data);
  const second = base && base[0] === x ? `, ${data.baseLabel} ${amount(base[1], data)}` : "";
  return `${longDate(x)}: ${value}${second}`;
}

function drawAll() {
  for (const [box, chart] of charts) {
    chart.destroy();
    if (!box.isConnected) charts.delete(box);
  }
  document.querySelectorAll("[data-chart]").forEach(draw);
}

function drawNew() {
  for (const [box, chart] of charts) {
    if (box.isConnected) continue;
    chart.destroy();
    charts.delete(box);
  }
  for (const box of document.querySelectorAll("[data-chart]")) if (!charts.has(box)) draw(box);
}

/** No Chart.js: the table is the chart. */
function showTables() {
  for (const box of document.querySelectorAll("[data-chart]")) box.hidden = true;
  for (const table of document.querySelectorAll("details.table-alt")) table.open = true;
}

// --- Linear or logarithmic, remembered for each chart ---------------------------------------------------

const scales = new Map(); // for this page, where the browser keeps nothing for us
const keyOf = (box) => `scale:${box.dataset.series}`;

function recall(key) {
  try {
    return localStorage.getItem(key) ?? scales.get(key);
  } catch {
    return scales.get(key);
  }
}

function keep(key, scale) {
  scales.set(key, scale);
  try {
    localStorage.setItem(key, scale);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}

function scaleOf(box) {
  const scale = recall(keyOf(box)) ?? "linear";
  for (const button of scaleButtons(box)) button.setAttribute("aria-pressed", button.value === scale);
  return scale;
}

const scaleButtons = (box) => box.closest(".card")?.querySelectorAll("[data-action=scale]") ?? [];

function hasLogarithm(box, points) {
  const positive = points.every(({ y }) => y === null || y > 0);
  const note = box.closest(".card")?.querySelector("[data-scale-note]");
  if (note) note.hidden = positive;
  return positive;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action=scale]");
  const box = button?.closest(".card")?.querySelector("[data-chart]");
  if (!box) return;
  keep(keyOf(box), button.value);
  if (Chart) draw(box);
});

// --- Begin ----------------------------------------------------------------------------------------------

loadChart().then((loaded) => {
  Chart = loaded;
  Chart.Interaction.modes.byX = byX;
  drawAll();
  document.addEventListener("htmx:afterSettle", drawNew);
  document.addEventListener("display:changed", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}, () => {
  showTables();
  document.addEventListener("htmx:afterSettle", showTables);
});
