// The words, colours and ticks of the charts: everything about a figure or a date that a canvas must be told.

const DAY = 86_400_000;
const HIDDEN = "•••••";
const root = document.documentElement;
const language = root.dataset.locale || "en";
const own = language === "en"; // the site's own way: 5 Nov 2025, 14:30

// --- Words and colours ----------------------------------------------------------------------------------

const inZone = (ms, timeZone, options) => new Intl.DateTimeFormat(language, { timeZone, ...options }).format(ms);
const on24 = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = (ms, zone) => inZone(ms, zone, own ? on24 : { timeStyle: "short" });
const isMidnight = (ms, zone) => inZone(ms, zone, on24) === "00:00";

function dayMonth(ms, zone) {
  if (!own) return inZone(ms, zone, { day: "numeric", month: "short" });
  return `${inZone(ms, zone, { day: "numeric" })} ${inZone(ms, zone, { month: "short" })}`;
}

/** As the tables say it: 5 Nov 2025, with the time where it is not a day's close. */
export function longDate(ms, zone) {
  const day = !own ? inZone(ms, zone, { dateStyle: "medium" }) : `${dayMonth(ms, zone)} ${inZone(ms, zone, { year: "numeric" })}`;
  return ms % DAY ? `${day}, ${clock(ms, zone)}` : day;
}

// Closes are midnights in UTC, so days are UTC days; hours are the reader's.
export function zoneOf(points) {
  const hours = points.filter((point) => point.x % DAY).length;
  return hours > points.length / 2 ? root.dataset.zone || "UTC" : "UTC";
}

export const isHidden = (data) => root.hasAttribute("data-private") && !data.public;

export function amount(value, data, compact = false) {
  return isHidden(data) ? HIDDEN : written(value, data, compact).replace("-", "−"); // as the pages write a minus
}

function written(value, data, compact) {
  if (data.unit) return inPercent(data.unit === "growth" ? value - 1 : value, compact);
  const currency = data.currency || root.dataset.currency || "USD";
  if (currency === "BTC" || currency === "sats") return inBitcoin(value, currency, compact);
  const small = Math.abs(value) < 1 && value !== 0;
  const digits = compact || small ? { maximumSignificantDigits: compact ? 3 : 4 } : {};
  const notation = compact ? "compact" : "standard";
  return new Intl.NumberFormat(language, { style: "currency", currency, notation, ...digits }).format(value);
}

function inPercent(ratio, compact) {
  const digits = compact ? { maximumFractionDigits: 1 } : { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(language, { style: "percent", signDisplay: "exceptZero", ...digits }).format(ratio);
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

export function token(name, alpha = 1) {
  probe.style.color = `var(--${name})`;
  const [red, green, blue] = getComputedStyle(probe).color.match(/[\d.]+/g);
  return `rgba(${red}, ${green}, ${blue}, ${alpha})`;
}

// --- Axes -----------------------------------------------------------------------------------------------

/** Ticks on days, months or years that people know, about one per 90 px. */
export function calendarTicks(from, to, width, zone) {
  const most = Math.max(2, Math.floor(width / 90));
  const days = (to - from) / DAY;
  if (days <= 2) return hourTicks(from, to, most, zone);
  return days <= 60 ? dayTicks(from, to, most, zone) : monthTicks(from, to, most);
}

function hourTicks(from, to, most, zone) {
  const hour = DAY / 24;
  const step = [1, 2, 3, 6, 12, 24].find((hours) => (to - from) / (hours * hour) <= most) ?? 24;
  return every(step * hour, from, to, (ms) => (isMidnight(ms, zone) ? dayMonth(ms, zone) : clock(ms, zone)));
}

function dayTicks(from, to, most, zone) {
  const step = Math.max(1, Math.ceil((to - from) / DAY / most));
  return every(step * DAY, from, to, (ms) => dayMonth(ms, zone));
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
    ticks.push({ value: ms, label: inZone(ms, "UTC", year ? { year: "numeric" } : { month: "short" }) });
  }
}

/** From zero, unless everything lies far above it: then a short range may look closer. */
export function valueRange(points) {
  const values = points.map((point) => point.y).filter((value) => value !== null);
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (low > high * 0.4) return { grace: "8%" };
  return { min: Math.min(0, low * 1.06), suggestedMax: Math.max(0, high * 1.06) };
}
