// The state of the plant in a month, as a file in either language.
import { address } from "../../api/client";
import { useSite } from "../../app/Shell";
import { useLook, useWords } from "../../look/look";
import { Pop, useNarrow } from "../../parts/parts";
import { useNow } from "../../parts/Time";
import { monthsBack } from "./months";

export function MonthlyReport() {
  const { t } = useWords();
  const { lang } = useLook();
  const site = useSite();
  const narrow = useNarrow();
  const now = useNow(600);
  const months = monthsBack(now.getTime(), site.data?.time_zone ?? "UTC", 6);
  const name = (month: string, locale: string) => new Intl.DateTimeFormat(locale, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-15T00:00:00Z`));
  return (
    <Pop icon="save" align="right" className="btn" title={t("monthly.what")} label={narrow ? <span className="unheard">{t("monthly.do")}</span> : t("monthly.do")}>
      {(close) => (
        <>
          <div className="title">{t("monthly.what")}</div>
          {months.map((month, at) => (
            <div key={month} className="row monthrow">
              <span className="grow">{at === 0 ? t("monthly.this", { month: name(month, lang) }) : name(month, lang)}</span>
              {(["ja", "en"] as const).map((one) => <a key={one} className="item" lang={one} href={address("/report", { month, lang: one })} download onClick={close} aria-label={`${name(month, one)} ${t(`monthly.in.${one}`)}`}>{t(`monthly.in.${one}`)}</a>)}
            </div>
          ))}
        </>
      )}
    </Pop>
  );
}
