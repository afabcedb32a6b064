// Takes a table's file: dropped or chosen, with its progress. What it would bring is shown before anything changes.
import { useEffect, useRef, useState, type DragEvent } from "react";
import { Problem, type Upload } from "../api/client";
import { bytes } from "../format/numbers";
import { useLook, useWords } from "../look/look";
import { Icon, Mark } from "./Icon";
import { useComplaint } from "./parts";

export const largestFile = 32 * 1024 * 1024;

/** 1: A, 27: AA, as a spreadsheet calls its columns. */
export function letters(column: number): string {
  let out = "";
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) out = String.fromCharCode(65 + ((rest - 1) % 26)) + out;
  return out;
}

interface Sending { name: string; size: number; sent: number }

/** `send` brings a file to the center, `onTold` is given what it says of it; `drop` is what stands in the box. */
export function TableDrop<Told>({ drop: what, kinds, accept, send: bring, onTold }: { drop: string; kinds: string; accept: string; send(file: File, progress: (sent: number) => void): Upload<Told>; onTold(told: Told): void }) {
  const { t } = useWords();
  const { lang } = useLook();
  const complaint = useComplaint();
  const input = useRef<HTMLInputElement>(null);
  const wire = useRef<Upload<Told> | null>(null);
  const [over, setOver] = useState(false);
  const [sending, setSending] = useState<Sending | null>(null);
  const [wrong, setWrong] = useState<{ name: string; why: string; at?: string } | null>(null);
  useEffect(() => () => wire.current?.cancel(), []);

  /** "row 17, column 3" of the center, as a spreadsheet calls it. */
  const placeOf = (error: unknown) => {
    const told = error instanceof Problem ? /row (\d+)(?:, column (\d+))?/.exec(error.where ?? "") : null;
    return told ? { at: told[2] ? t("ledger.at", { row: told[1]!, column: letters(Number(told[2])) }) : t("ledger.rowIs", { n: told[1]! }) } : {};
  };
  const send = async (file: File | undefined) => {
    if (input.current) input.current.value = "";
    if (!file || sending) return;
    setWrong(null);
    if (file.size > largestFile) {
      setWrong({ name: file.name, why: t("upload.tooLarge", { limit: bytes(largestFile, lang) }) });
      return;
    }
    setSending({ name: file.name, size: file.size, sent: 0 });
    wire.current = bring(file, (sent) => setSending({ name: file.name, size: file.size, sent }));
    try {
      onTold(await wire.current.promise);
    } catch (error) {
      if ((error as Error).name !== "AbortError") setWrong({ name: file.name, why: complaint(error), ...placeOf(error) });
    } finally {
      wire.current = null;
      setSending(null);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };
  const share = sending && sending.size > 0 ? sending.sent / sending.size : 0;
  return (
    <div className={over ? "drop over take" : "drop take"} onDragOver={(event) => { event.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={drop}>
      <Icon name="upload" size={24} />
      <div className="grow">
        {sending ? (
          <>
            <div className="row"><span className="cut">{sending.name}</span></div>
            <div className="progress" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)} aria-label={sending.name}><i style={{ width: `${share * 100}%` }} /></div>
            <div className="small t3">{share < 1 ? t("upload.sending", { sent: bytes(sending.sent, lang), size: bytes(sending.size, lang) }) : t("ledger.reading")}</div>
          </>
        ) : (
          <>
            <div>{what}</div>
            <div className="small t3">{kinds} · {t("upload.limit", { limit: bytes(largestFile, lang) })} · {t("ledger.encodings")}</div>
          </>
        )}
      </div>
      <input ref={input} type="file" hidden accept={accept} onChange={(event) => void send(event.target.files?.[0])} aria-hidden="true" tabIndex={-1} />
      {sending
        ? <button type="button" className="btn" onClick={() => wire.current?.cancel()}>{t("upload.cancel")}</button>
        : <button type="button" className="btn p" onClick={() => input.current?.click()}>{t("ledger.choose")}</button>}
      {wrong && (
        <div className="notice" role="alert">
          <Mark severity="low" />
          <div className="grow"><div className="b wrap">{t("ledger.unreadable", { name: wrong.name })}</div><div className="wrap">{wrong.why}{wrong.at && <> ({wrong.at})</>}</div></div>
        </div>
      )}
    </div>
  );
}
