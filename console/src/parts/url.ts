// The address is the state: what a page shows stands in its query, so that a pasted link shows the same.
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router-dom";

export interface Url {
  get(name: string): string;
  all(name: string): string[];
  set(change: Record<string, string | string[] | null | undefined>, step?: "replace" | "push"): void;
}

export function useUrl(): Url {
  const [params, setParams] = useSearchParams();
  const set = useCallback<Url["set"]>((change, step = "replace") => {
    setParams((before) => {
      const after = new URLSearchParams(before);
      for (const [name, value] of Object.entries(change)) {
        after.delete(name);
        if (Array.isArray(value)) for (const one of value) after.append(name, one);
        else if (value) after.set(name, value);
      }
      return after;
    }, { replace: step === "replace" });
  }, [setParams]);
  return useMemo(() => ({ get: (name) => params.get(name) ?? "", all: (name) => params.getAll(name), set }), [params, set]);
}
