// Small parts that every page uses.
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link } from "react-router-dom";
import { Icon, Mark, type Severity } from "./Icon";
import { useLook, useWords } from "../look/look";
import { Problem } from "../api/client";
import { When } from "./Time";
import { percent } from "../format/numbers";
import type { Key } from "../words/words";

export function Chip({ kind, mark, children, title }: { kind?: Severity | "sel"; mark?: Severity; children: ReactNode; title?: string }) {
  return <span className={kind ? `chip ${kind}` : "chip"} title={title}>{mark && <Mark severity={mark} />}<span>{children}</span></span>;
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className="kbd">{children}</kbd>;
}

export function Seg<V extends string>({ value, options, onChange, label }: { value: V; options: { value: V; label: ReactNode; lang?: string }[]; onChange(value: V): void; label: string }) {
  return (
    <div className="seg" role="group" aria-label={label}>
      {options.map((option) => (
        <button key={option.value} type="button" aria-pressed={option.value === value} lang={option.lang} onClick={() => onChange(option.value)}>{option.label}</button>
      ))}
    </div>
  );
}

export function Panel({ title, count, right, children, className, label }: { title?: ReactNode; count?: ReactNode; right?: ReactNode; children: ReactNode; className?: string; label?: string }) {
  return (
    <section className={className ? `panel ${className}` : "panel"} aria-label={label}>
      {title !== undefined && (
        <div className="ph"><h2>{title}{count !== undefined && <> <span className="c">{count}</span></>}</h2><span className="sp" />{right}</div>
      )}
      {children}
    </section>
  );
}

/** True once `active` has lasted 300 ms: shorter waits show nothing new. */
export function useLate(active: boolean, after = 300): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), after);
    return () => clearTimeout(timer);
  }, [active, after]);
  return active && late;
}

export function Bone({ width, height }: { width: number | string; height?: number }) {
  return <span className="bone" style={{ width, ...(height ? { height } : {}) }} aria-hidden="true" />;
}

/** Bars where lines of text will stand, in the final geometry. */
export function Bones({ rows, height = 34 }: { rows: number; height?: number }) {
  const { t } = useWords();
  return (
    <div role="status" aria-label={t("state.loading")}>
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="row" style={{ height, padding: "0 16px" }}><Bone width={`${72 - (index % 4) * 11}%`} /></div>
      ))}
    </div>
  );
}

export function State({ why, action, link, middle, icon }: { why: ReactNode; action?: ReactNode; link?: ReactNode; middle?: boolean; icon?: ReactNode }) {
  return (
    <div className={middle ? "state mid" : "state"}>
      {icon}
      <p className="why">{why}</p>
      {(action || link) && <div className="row" style={{ flexWrap: "wrap", justifyContent: middle ? "center" : "flex-start" }}>{action}{link}</div>}
    </div>
  );
}

/** In words of the reader what the center said; its own text is kept for those that no word exists for. */
export function useComplaint() {
  const { t, word } = useWords();
  const { lang } = useLook();
  return (error: unknown): string => {
    if (error instanceof Problem) {
      const known = word("complaint", error.code);
      if (known !== error.code) return known;
      if (error.status === 0) return t("problem.unreachable");
      if (error.status === 403) return t("problem.noRight");
      if (error.status === 404) return t("problem.notFound");
      if (error.status === 429) return t("problem.tooOften", { n: error.retryAfter ?? 1 });
      if (error.status === 503) return t("problem.busy");
      if (error.status >= 500) return t("problem.server", { code: error.code });
      if (lang === "ja") return t("problem.unknown", { code: error.code }); // What the server says is English.
      return error.detail ? `${error.title} (${error.detail})` : error.title || t("problem.unknown", { code: error.code });
    }
    return t("problem.unknown", { code: "console" });
  };
}

/** A panel that could not get its data keeps its place: what failed, since when, once more. */
export function Failed({ error, since, onAgain, middle }: { error: unknown; since?: number; onAgain(): void; middle?: boolean }) {
  const { t, rich } = useWords();
  const complaint = useComplaint();
  return (
    <div role="alert">
      <State
        middle={middle ?? false}
        why={complaint(error)}
        action={<button type="button" className="btn s" onClick={onAgain}>{t("do.again")}</button>}
        link={since ? <span className="t3 small">{rich("state.since", { at: <When at={new Date(since)} as="clock" /> })}</span> : undefined}
      />
    </div>
  );
}

/** "None found", with what that is worth. */
export function NoneFound({ covered, what }: { covered: boolean | undefined; what?: ReactNode }) {
  const { t } = useWords();
  if (covered === undefined) return <State why={what ?? t("state.none")} />;
  if (covered) return <State why={what ?? t("state.noneCovered")} />;
  return (
    <div className="state">
      <p className="why">{t("state.nonePartly")}</p>
      <span className="hatch unseen" aria-hidden="true" />
      <Link className="link acc" to="/capture#blind-spots">{t("do.blindSpots")}</Link>
    </div>
  );
}

export function Confidence({ value }: { value: number }) {
  const { t } = useWords();
  const dots = value >= 90 ? 3 : value >= 60 ? 2 : 1;
  return (
    <span className="conf" role="img" aria-label={t(`confidence.${dots}` as Key)} title={t(`confidence.${dots}` as Key)}>
      {[1, 2, 3].map((dot) => <i key={dot} className={dot <= dots ? undefined : "o"} />)}
    </span>
  );
}

export function CoverageLine({ share }: { share: number }) {
  return (
    <span className="barline" role="img" aria-label={percent(share)}>
      <b style={{ width: `${Math.min(100, share * 100)}%` }} />{share < 1 && <i className="hatch" />}
    </span>
  );
}

/** A button with a panel that hangs from it; Esc or a click elsewhere closes it and gives the focus back. */
export function Pop({ label, title, className, children, align = "left", icon }: { label: ReactNode; title?: string; className?: string; icon?: string; align?: "left" | "right"; children: ReactNode | ((close: () => void) => ReactNode) }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => { if (!box.current?.contains(event.target as Node)) setOpen(false); };
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener("pointerdown", outside);
    box.current?.addEventListener("keydown", escape);
    const node = box.current;
    return () => {
      document.removeEventListener("pointerdown", outside);
      node?.removeEventListener("keydown", escape);
    };
  }, [open]);
  const close = () => { setOpen(false); button.current?.focus(); };
  return (
    <span ref={box} style={{ position: "relative", display: "inline-flex", flex: "none" }}>
      <button ref={button} type="button" className={className ?? "btn s"} aria-expanded={open} aria-haspopup="true" title={title} onClick={() => setOpen(!open)}>
        {icon && <Icon name={icon} />}{label}
      </button>
      {open && <div className="pop" style={{ top: "calc(100% + 4px)", [align]: 0 }}>{typeof children === "function" ? children(close) : children}</div>}
    </span>
  );
}

/** A width that CSS breaks at, for what CSS alone cannot fold. */
export function useNarrow(query = "(max-width: 1180px)"): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setNarrow(list.matches);
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, [query]);
  return narrow;
}

export function usePageTitle(title: string): void {
  useEffect(() => { document.title = `${title} - Yagura`; }, [title]);
}
