// Brings Chart.js in: from the CDN when its bytes match, else from this server, else not at all.
// Addresses and hash stand as data attributes on <script id="charts">.

const PATIENCE = 3_000; // ms a source may take before the next one is tried

let loading;

/** The Chart constructor; rejects when no source could give it. */
export function loadChart() {
  loading ??= load();
  return loading;
}

async function load() {
  const { cdn, fallback, integrity } = document.getElementById("charts").dataset;
  for (const source of [cdn, fallback].filter(Boolean)) {
    try {
      await bring(source, integrity);
      return window.Chart;
    } catch {
      // unreachable, slow, or not the bytes we know: try the next one
    }
  }
  throw new Error("Chart.js could not be loaded");
}

function bring(source, integrity) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    const late = setTimeout(() => refuse("slow"), PATIENCE);
    const refuse = (reason) => {
      clearTimeout(late);
      script.remove();
      reject(new Error(reason));
    };
    script.addEventListener("load", () => {
      clearTimeout(late);
      resolve();
    });
    script.addEventListener("error", () => refuse("refused"));
    script.integrity = integrity;
    script.crossOrigin = "anonymous";
    script.src = source;
    document.head.append(script);
  });
}
