// How nodes and bundles look to Cytoscape: colours from the tokens, icons from the sprite.
import type { StylesheetJson } from "cytoscape";
import type { Tokens } from "../../look/theme";
import { roleIcon, type Role, type Severity } from "../../parts/Icon";
import type { Bundle } from "./model";

const made = new Map<string, string>();
const uri = (svg: string) => `data:image/svg+xml;utf8,${encodeURIComponent(svg)}`;

export function iconUri(role: Role, tokens: Tokens): string {
  const key = `${role}|${tokens.t1}`;
  let found = made.get(key);
  if (!found) {
    const inner = document.getElementById(`i-${roleIcon(role)}`)?.innerHTML ?? "";
    found = uri(`<svg xmlns="http://www.w3.org/2000/svg" width="44" height="44" viewBox="0 0 24 24" fill="none" stroke="${tokens.t1}" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">${inner}</svg>`);
    made.set(key, found);
  }
  return found;
}

export function markUri(severity: Severity, tokens: Tokens, dark: boolean): string {
  const key = `mark|${severity}|${tokens.t1}`;
  let found = made.get(key);
  if (!found) {
    const shape: Record<Severity, string> = {
      crit: `<path d="M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5z" fill="${tokens.crit}"/><path d="M8 4v4.6M8 11.7v.1" stroke="${dark ? "#2A0009" : "#fff"}" stroke-width="2.2" stroke-linecap="round" fill="none"/>`,
      high: `<path d="M8 .9l7.4 13.7H.6z" fill="${tokens.high}"/><path d="M8 6v3.6M8 12v.1" stroke="${dark ? "#2A1600" : "#fff"}" stroke-width="2" stroke-linecap="round" fill="none"/>`,
      med: `<path d="M8 1.2L14.8 8 8 14.8 1.2 8z" fill="${tokens.med}" stroke="${tokens.medO}" stroke-width="1.4"/>`,
      low: `<circle cx="8" cy="8" r="5.6" fill="${tokens.surface}" stroke="${tokens.low}" stroke-width="2"/>`,
      ok: "",
    };
    found = uri(`<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 16 16">${shape[severity]}</svg>`);
    made.set(key, found);
  }
  return found;
}

const severityColor = (severity: Severity, k: Tokens) => (severity === "crit" ? k.crit : severity === "high" ? k.high : severity === "med" ? k.medO : k.low);

export function edgeLook(bundle: Bundle, k: Tokens, emphasise: boolean): { color: string; width: number; z: number } {
  if (bundle.loud) return { color: severityColor(bundle.loud, k), width: bundle.loud === "crit" ? 2.8 : 2.4, z: 20 };
  if (!emphasise && (bundle.effect === "observes" || bundle.effect === "none")) return { color: k["edge-strong"], width: bundle.cyclic ? 3 : 1.4, z: 1 };
  switch (bundle.effect) {
    case "changes_program": case "stops": return { color: k.e4, width: 2.2, z: 6 };
    case "changes_setting": return { color: k.e3, width: 2, z: 5 };
    case "changes_value": return { color: k.e2, width: 1.8, z: 4 };
    default: return { color: k.e1, width: bundle.cyclic ? 3 : 1.3, z: 1 };
  }
}

export function stylesheet(k: Tokens): StylesheetJson {
  return [
    { selector: "node", style: {
      shape: "round-rectangle", width: 34, height: 34, "background-color": k.node, "border-width": 1.2, "border-color": k.ctl,
      "background-image": "data(icons)", "background-width": "data(widths)", "background-height": "data(heights)", "background-position-x": "data(xs)", "background-position-y": "data(ys)",
      "background-clip": ["none", "none"] as never, "background-image-containment": ["over", "over"] as never, "background-image-opacity": 1, "bounds-expansion": 12,
      label: "data(label)", "font-size": 12, "font-family": k.font, color: k.t2, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "ellipsis", "text-max-width": "88px",
      "text-outline-width": 3, "text-outline-color": k.canvas, "text-outline-opacity": 1, "min-zoomed-font-size": 9, "overlay-opacity": 0,
    } as never },
    { selector: "node.folded", style: { ghost: "yes", "ghost-offset-x": 4, "ghost-offset-y": -4, "ghost-opacity": 0.55 } },
    { selector: "node.inzone", style: { "text-outline-color": k.zone } },
    { selector: "node.bold", style: { color: k.t1, "font-weight": 600, "z-index": 30 } },
    { selector: "node.crit", style: { "border-color": k.crit, "border-width": 2 } },
    { selector: "node.high", style: { "border-color": k.high, "border-width": 2 } },
    { selector: "node.med", style: { "border-color": k.medO, "border-width": 2 } },
    { selector: "node.unseen", style: { "border-style": "dashed" } },
    { selector: "node.nolabel", style: { label: "" } },
    { selector: "edge", style: {
      width: "data(width)", "line-color": "data(color)", "curve-style": "straight", "z-index": "data(z)" as never, "overlay-opacity": 0, "line-cap": "round",
      "target-arrow-color": "data(color)",
    } as never },
    { selector: "edge.curve", style: { "curve-style": "unbundled-bezier", "control-point-distances": "data(distances)" as never, "control-point-weights": "data(weights)" as never, "edge-distances": "node-position" } },
    { selector: "edge.trunk", style: { "curve-style": "round-taxi" as never, "taxi-direction": "vertical", "taxi-turn": "data(turn)" as never, "taxi-radius": 10 } as never },
    { selector: "edge.oneSided", style: { "line-style": "dashed", "line-dash-pattern": [6, 4] } },
    { selector: "edge.counts", style: {
      label: "data(counts)", "font-size": 8, "font-family": k.font, color: k.t2, "text-background-color": k.canvas, "text-background-opacity": 0.9, "text-background-padding": "1px",
    } },
    { selector: "edge.loud", style: {
      "z-compound-depth": "top", "z-index-compare": "manual",
      "target-arrow-shape": "triangle", "arrow-scale": 1.2, label: "data(label)", "font-size": 12, "font-weight": 600, "font-family": k.font, color: "data(text)", "text-background-color": "data(tint)", "text-background-opacity": 1,
      "text-background-padding": "4px", "text-background-shape": "round-rectangle", "text-border-width": 1, "text-border-color": "data(color)", "text-border-opacity": 1,
    } as never },
    { selector: "edge.near", style: { width: "data(wide)" as never, "line-color": k.accent, "target-arrow-color": k.accent, "z-index": 25 } },
    { selector: ":selected", style: { "z-index": 40 } },
    { selector: "node:selected", style: { "border-color": k.accent, "border-width": 2.4, "outline-width": 2, "outline-color": k.accent, "outline-offset": 3, color: k.t1, "font-weight": 600 } as never },
    { selector: "edge:selected", style: { width: "data(wide)" as never, "underlay-color": k.accent, "underlay-opacity": 0.18, "underlay-padding": 4 } },
    { selector: ".faint", style: { opacity: 0.25 } },
  ];
}

export const tint = (severity: Severity, k: Tokens) => (severity === "crit" ? k.critbg : severity === "high" ? k.highbg : severity === "med" ? k.medbg : k.lowbg);
export const textOn = (severity: Severity, k: Tokens) => (severity === "crit" ? k.critT : severity === "high" ? k.highT : severity === "med" ? k.medT : k.lowT);
