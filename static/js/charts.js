// Draws every [data-chart] from the JSON beside it: a value line with its gaps, an optional stepped base
// line, optional trade marks. The table next to the chart says the same, and stands in when this cannot run.
//
// JSON: { label, main: [[ms, value|null], …], baseLabel?, base?: [[ms, value|null], …],
//         marks?: [[ms, price, "Buy"|"Sell", text], …], levels?: [[name, price], …], public?: bool,
//         currency?: "USD"|"BTC"|"sats"|…,
//         unit?: "growth" (1 became so much; told as a change)|"ratio" (told as a percentage), falls?: bool,
//         benchmark?: bool (the base is a line of its own, and has gaps) }

import { asChange, asPoints, byX, crosshair, datasets, options } from "./chart-config.js";
import { amount, longDate, zoneOf } from "./chart-words.js";
import { loadChart } from "./chartjs.js";

const charts = new Map(); // box → Chart
let Chart;

// --- Drawing --------------------------------------------------------------------------------------------

function draw(box) {
  charts.get(box)?.destroy();
  charts.delete(box);
  const told = { palette: box.dataset.palette, ...JSON.parse(document.getElementById(box.dataset.series).textContent) };
  if (!told.main.some(([, y]) => y !== null)) return;
  const logarithmic = scaleOf(box) === "logarithmic" && hasLogarithm(box, asPoints(told.main));
  const data = told.unit === "growth" && !logarithmic ? asChange(told) : told;
  const points = asPoints(data.main);
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
    box.querySelector("[role=status]").textContent = spoken(data, points[at], data.base?.[at], zoneOf(points));
  };
}

function spoken(data, { x, y }, base, zone) {
  const value = y === null ? "no price" : amount(y, data);
  const second = base && base[0] === x && base[1] !== null ? `, ${data.baseLabel} ${amount(base[1], data)}` : "";
  return `${longDate(x, zone)}: ${value}${second}`;
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
  for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).addEventListener("change", drawAll);
}, () => {
  showTables();
  document.addEventListener("htmx:afterSettle", showTables);
});
