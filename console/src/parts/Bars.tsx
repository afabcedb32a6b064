// Stacked bars over time, drawn by ECharts, which is loaded with the first chart. The place is reserved, colours
// come from the tokens, and the same numbers stand in a table behind a button.
import { useEffect, useRef } from "react";
import type { ECharts } from "echarts/core";
import { count, short } from "../format/numbers";
import { useLook, useWords } from "../look/look";

export interface BarSeries { name: string; color: string; values: number[]; /** Seen even where it is one in a million. */ rare?: boolean }

export function Bars({ labels, ticks, series, height, sentence, titles, table, onPick }: { labels: string[]; ticks: (index: number) => boolean; series: BarSeries[]; height: number; sentence: string; titles: string[]; table: boolean; /** A click on a column. */ onPick?(index: number): void }) {
  const { t } = useWords();
  const { tokens, theme } = useLook();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (table || !box.current) return;
    let gone = false;
    let chart: ECharts | undefined;
    let observer: ResizeObserver | undefined;
    const element = box.current;
    void import("./echarts").then(({ init }) => {
      if (gone) return;
      chart = init(element, null, { renderer: "svg" });
      const text = { color: tokens.t3, fontSize: 12, fontFamily: tokens.font };
      chart.setOption({
        animation: false,
        grid: { left: 44, right: 8, top: 10, bottom: 22 },
        tooltip: {
          trigger: "axis", axisPointer: { type: "shadow", shadowStyle: { color: tokens.accent, opacity: 0.08 } }, backgroundColor: tokens.surface, borderColor: tokens.line2, borderWidth: 1, padding: [6, 10],
          textStyle: { color: tokens.t1, fontSize: 12, fontFamily: tokens.font }, extraCssText: "box-shadow:none", transitionDuration: 0,
          formatter: (params: { dataIndex: number; seriesName: string; value: number; color: string }[]) =>
            `<b>${titles[params[0]?.dataIndex ?? 0] ?? ""}</b><br>${params.filter((one) => one.value > 0).map((one) => `${one.seriesName} ${count(one.value)}`).join("<br>") || "0"}`,
        },
        xAxis: { type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: tokens.line2 } }, axisLabel: { ...text, interval: (index: number) => ticks(index), hideOverlap: true } },
        yAxis: { type: "value", splitNumber: 3, minInterval: 1, axisLabel: { ...text, formatter: (value: number) => short(value) }, splitLine: { lineStyle: { color: tokens.line } } },
        series: series.map((one) => ({
          name: one.name, type: "bar", stack: "all", barCategoryGap: "12%", itemStyle: { color: one.color }, emphasis: { disabled: true }, silent: true,
          ...(one.rare ? { barMinHeight: 5 } : {}), data: one.values.map((value) => (value > 0 ? value : null)),
        })),
      });
      if (onPick) chart.getZr().on("click", (event) => {
        const index = chart?.convertFromPixel({ xAxisIndex: 0 }, event.offsetX) as number | undefined;
        if (index !== undefined && index >= 0 && index < labels.length) onPick(Math.round(index));
      });
      observer = new ResizeObserver(() => chart?.resize({ animation: { duration: 0 } }));
      observer.observe(element);
    });
    return () => {
      gone = true;
      observer?.disconnect();
      chart?.dispose();
    };
  }, [labels, ticks, series, titles, tokens, theme, table, onPick]);
  return (
    <div className="chartbox">
      {table ? (
        <div className="charttable" style={{ height, maxHeight: height }} tabIndex={0} role="region" aria-label={sentence}>
          <table><thead><tr><th>{t("op.time")}</th>{series.map((one) => <th key={one.name} className="r">{one.name}</th>)}</tr></thead>
            <tbody>{titles.map((title, index) => <tr key={title}><td>{title}</td>{series.map((one) => <td key={one.name} className="r">{count(one.values[index] ?? 0)}</td>)}</tr>)}</tbody></table>
        </div>
      ) : <div ref={box} style={{ height }} role="img" aria-label={sentence} />}
    </div>
  );
}
