// How the console looks to this reader: language, theme, single keys. Kept in the browser, overridden for
// one visit by ?lang= and ?theme= so that a pasted link can be looked at in either.
import { App as AntApp, ConfigProvider } from "antd";
import type { Locale } from "antd/es/locale";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { fill, load, pieces, type Key, type Values, type Words } from "../words/words";
import type { Lang } from "../format/numbers";
import { antTheme, readTokens, type Tokens } from "./theme";

export type Theme = "light" | "dark";

interface Look {
  lang: Lang;
  theme: Theme;
  singleKeys: boolean;
  tokens: Tokens;
  words: Words;
  set(change: Partial<{ lang: Lang; theme: Theme; singleKeys: boolean }>): void;
}

const LookContext = createContext<Look | null>(null);

export function useLook(): Look {
  const look = useContext(LookContext);
  if (!look) throw new Error("useLook outside of LookProvider");
  return look;
}

/** A sentence of the word files. */
export function useWords() {
  const { words, lang } = useLook();
  const t = useCallback((key: Key, values?: Values) => fill(words[key] ?? key, values), [words]);
  /** For names that come as data (acts, roles): the word if there is one, else the data itself. */
  const word = useCallback((prefix: string, name: string) => {
    const found = (words as Record<string, string>)[`${prefix}.${name}`];
    return found ?? name.replace(/_/g, " ");
  }, [words]);
  /** A sentence that holds elements. */
  const rich = useCallback((key: Key, values: Record<string, ReactNode>) => pieces(words[key] ?? key).map((piece, index) => {
    if (piece.text !== undefined) return piece.text;
    const value = values[piece.slot ?? ""];
    if (piece.one !== undefined) return Number(value) === 1 ? piece.one : piece.other;
    return <span key={index}>{typeof value === "number" ? fill("{n}", { n: value }) : value}</span>;
  }), [words]);
  return useMemo(() => ({ t, word, rich, lang }), [t, word, rich, lang]);
}

function kept(): { lang?: Lang; theme?: Theme; singleKeys?: boolean } {
  try {
    return JSON.parse(localStorage.getItem("yagura.look") ?? "{}");
  } catch {
    return {};
  }
}

const locales: Record<Lang, () => Promise<{ default: Locale }>> = {
  ja: () => import("antd/es/locale/ja_JP"),
  en: () => import("antd/es/locale/en_US"),
};

export function LookProvider({ children }: { children: ReactNode }) {
  const root = document.documentElement;
  const [lang, setLang] = useState<Lang>(root.lang === "en" ? "en" : "ja");
  const [theme, setTheme] = useState<Theme>(root.dataset.theme === "dark" ? "dark" : "light");
  const [singleKeys, setSingleKeys] = useState(kept().singleKeys ?? true);
  const [loaded, setLoaded] = useState<{ lang: Lang; words: Words; locale: Locale } | null>(null);

  useEffect(() => {
    let gone = false;
    void Promise.all([load(lang), locales[lang]()]).then(([words, locale]) => {
      if (gone) return;
      root.lang = lang;
      setLoaded({ lang, words, locale: locale.default });
    });
    return () => { gone = true; };
  }, [lang, root]);

  const set = useCallback<Look["set"]>((change) => {
    try {
      localStorage.setItem("yagura.look", JSON.stringify({ ...kept(), ...change }));
    } catch { /* private mode: it holds for this visit */ }
    if (change.lang) setLang(change.lang);
    if (change.theme) {
      root.dataset.theme = change.theme;
      setTheme(change.theme);
    }
    if (change.singleKeys !== undefined) setSingleKeys(change.singleKeys);
  }, [root]);

  // Read after the attribute is set: `set` does that before the state changes.
  const shown = loaded?.lang;
  const tokens = useMemo(() => readTokens(), [theme, shown]); // eslint-disable-line react-hooks/exhaustive-deps
  const value = useMemo<Look | null>(
    () => loaded && { lang: loaded.lang, theme, singleKeys, tokens, words: loaded.words, set },
    [loaded, theme, singleKeys, tokens, set]);
  const ant = useMemo(() => antTheme(theme, tokens), [theme, tokens]);
  if (!value || !loaded) return null;
  return (
    <LookContext.Provider value={value}>
      <ConfigProvider theme={ant} locale={loaded.locale} button={{ autoInsertSpace: false }} wave={{ disabled: true }}>
        <AntApp component={false} message={{ maxCount: 3 }}>{children}</AntApp>
      </ConfigProvider>
    </LookContext.Provider>
  );
}
