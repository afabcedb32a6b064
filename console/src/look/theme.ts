// One reading of the CSS variables for everything that draws: Ant Design, ECharts, Cytoscape.
import { theme as ant, type ThemeConfig } from "antd";

const names = ["canvas", "surface", "sunk", "line", "line2", "ctl", "t1", "t2", "t3", "accent", "accentbg", "onaccent",
  "crit", "critT", "critbg", "high", "highT", "highbg", "med", "medO", "medT", "medbg", "low", "lowT", "lowbg",
  "e0", "e1", "e2", "e3", "e4", "hatch", "node", "zone", "edge-strong", "font", "mono"] as const;

export type Tokens = Record<(typeof names)[number], string>;

export function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Tokens;
}

export function antTheme(theme: "light" | "dark", k: Tokens): ThemeConfig {
  const still = typeof matchMedia === "function" && matchMedia("(prefers-reduced-motion: reduce)").matches;
  return {
    cssVar: true,
    hashed: false,
    algorithm: theme === "dark" ? ant.darkAlgorithm : ant.defaultAlgorithm,
    token: {
      colorPrimary: k.accent, colorInfo: k.accent, colorError: k.crit, colorWarning: k.high, colorSuccess: k.t3,
      colorLink: k.accent, colorBgLayout: k.canvas, colorBgContainer: k.surface, colorBgElevated: k.surface,
      colorText: k.t1, colorTextSecondary: k.t2, colorTextTertiary: k.t3, colorTextPlaceholder: k.t3,
      colorTextDescription: k.t3, colorTextDisabled: k.t3, colorBorder: k.ctl, colorBorderSecondary: k.line,
      colorTextLightSolid: k.onaccent,
      borderRadius: 6, fontSize: 14, controlHeight: 32, controlHeightSM: 28, fontFamily: k.font, fontWeightStrong: 600,
      motion: !still, motionDurationFast: "0.08s", motionDurationMid: "0.12s", motionDurationSlow: "0.12s",
      boxShadow: "none", boxShadowSecondary: theme === "dark" ? "none" : "0 1px 2px rgba(20,28,36,.12)",
    },
    components: {
      Button: { contentFontSize: 13, contentFontSizeSM: 13, primaryShadow: "none", defaultShadow: "none", fontWeight: 400, paddingInline: 12, paddingInlineSM: 10 },
      Modal: { titleFontSize: 16 },
      Drawer: { paddingLG: 16 },
      Popover: { zIndexPopup: 900 },
      Tooltip: { colorBgSpotlight: k.t1, colorTextLightSolid: k.surface, fontSize: 12 },
      Table: { headerBg: k.sunk, cellPaddingBlockSM: 4, rowSelectedBg: k.accentbg },
      Menu: { itemHeight: 30 },
      Tag: { borderRadiusSM: 3 },
    },
  };
}
