// The one way to the center. Paths and shapes come from the contract (schema.d.ts, generated); errors are
// problem+json and become `Problem`; the session's CSRF token goes with every request that changes something.
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Method = "get" | "post" | "put" | "patch" | "delete";

type Operation<P extends keyof paths, M extends Method> = M extends keyof paths[P] ? paths[P][M] : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
type Answer<O> = O extends { responses: infer R }
  ? R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : undefined
  : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never;
type PathValues<O> = O extends { parameters: { path: infer V } } ? V : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : never;

export interface Options<O> {
  query?: Query<O>;
  path?: PathValues<O>;
  body?: Body<O>;
  signal?: AbortSignal;
}

/** What the center says when it does not do what was asked; `status` 0 when it cannot be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail?: string,
    readonly where?: string,
    readonly retryAfter?: number,
  ) {
    super(title || code);
  }
}

const base = "/api/v1";
let csrfToken = "";
export function setCsrfToken(token: string): void {
  csrfToken = token;
}

let signedOut: () => void = () => undefined;
/** Called when an answer says that there is no session (any more). */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

let reached: (is: boolean) => void = () => undefined;
/** Told with every answer whether the center could be reached. */
export function onReached(listener: (is: boolean) => void): void {
  reached = listener;
}

export function address(path: string, query?: object, pathValues?: object): string {
  let out = path;
  for (const [name, value] of Object.entries(pathValues ?? {})) out = out.replace(`{${name}}`, encodeURIComponent(String(value)));
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) asked.append(name, String(one));
  }
  const text = asked.toString();
  return base + out + (text ? `?${text}` : "");
}

async function problemOf(status: number, text: string, retryAfter: string | null): Promise<Problem> {
  let told: Partial<Schemas["Problem"]> = {};
  try {
    told = JSON.parse(text) as Partial<Schemas["Problem"]>;
  } catch { /* not from the center itself */ }
  const wait = Number(retryAfter ?? told.retry_after ?? 0);
  return new Problem(status, told.code ?? `http.${status}`, told.title ?? "", told.detail, told.where, wait || undefined);
}

export async function call<M extends Method, P extends keyof paths & string>(
  method: M, path: P, options: Options<Operation<P, M>> = {},
): Promise<Answer<Operation<P, M>>> {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  if (method !== "get" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(address(path, options.query as object, options.path as object), {
      method: method.toUpperCase(), headers, credentials: "same-origin", signal: options.signal ?? null,
      body: options.body === undefined ? null : JSON.stringify(options.body),
    });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    reached(false);
    throw new Problem(0, "connection.lost", "");
  }
  reached(true);
  if (!response.ok) {
    const problem = await problemOf(response.status, await response.text(), response.headers.get("Retry-After"));
    if (response.status === 401 && path !== "/session") signedOut();
    throw problem;
  }
  if (response.status === 204) return undefined as Answer<Operation<P, M>>;
  return (await response.json()) as Answer<Operation<P, M>>;
}

export interface Upload<T> {
  promise: Promise<T>;
  cancel(): void;
}

/** Sends a file as it lies on the disk; XMLHttpRequest because fetch does not tell how much has gone. */
function upload<T>(path: string, file: File, progress: (sent: number) => void): Upload<T> {
  const request = new XMLHttpRequest();
  const promise = new Promise<T>((done, failed) => {
    request.open("POST", address(path, { name: file.name }));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("Accept", "application/json, application/problem+json");
    request.setRequestHeader("X-CSRF-Token", csrfToken);
    request.upload.onprogress = (event) => progress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) {
        done(JSON.parse(request.responseText) as T);
        return;
      }
      if (request.status === 401) signedOut();
      void problemOf(request.status, request.responseText, request.getResponseHeader("Retry-After")).then(failed);
    };
    request.onerror = () => failed(new Problem(0, "connection.lost", ""));
    request.onabort = () => failed(new DOMException("cancelled", "AbortError"));
    request.send(file);
  });
  return { promise, cancel: () => request.abort() };
}

export const uploadCapture = (file: File, progress: (sent: number) => void) => upload<Schemas["Capture"]>("/captures", file, progress);
export const uploadFeed = (file: File, progress: (sent: number) => void) => upload<Schemas["FeedTaken"]>("/weaknesses/feeds", file, progress);
export const uploadComments = (file: File, progress: (sent: number) => void) => upload<Schemas["CommentFile"]>("/comments/files", file, progress);
export const uploadLedger = (file: File, progress: (sent: number) => void) => upload<Schemas["LedgerFile"]>("/ledger/files", file, progress);
