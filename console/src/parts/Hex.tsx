// The first bytes of a message, as hex and as text; what a claim was read from is marked and named.
import { useWords } from "../look/look";
import type { Key } from "../words/words";
import { bytesOf, type Mark } from "./marks";

export function Hex({ hex, marks = [], offset }: { hex: string; marks?: Mark[]; /** Where the message begins in its frame. */ offset?: number | undefined }) {
  const { t } = useWords();
  const bytes = bytesOf(hex);
  const wide = 8;
  const of = (at: number) => marks.findIndex((mark) => at >= mark.from && at < mark.from + mark.length);
  const lines = Array.from({ length: Math.ceil(bytes.length / wide) }, (_, index) => index * wide);
  const kinds = [...new Set(marks.map((mark) => mark.what))];
  return (
    <div className="hexbox">
      <pre className="hex mono" tabIndex={0} aria-label={t("evidence.bytes", { n: bytes.length })}>
        {lines.map((line) => (
          <div key={line}>
            <span className="t3">{line.toString(16).padStart(4, "0")}</span>{"  "}
            {Array.from({ length: wide }, (_, index) => {
              const byte = bytes[line + index], mark = of(line + index);
              if (byte === undefined) return "   ";
              const text = byte.toString(16).padStart(2, "0");
              const next = index < wide - 1 && bytes[line + index + 1] !== undefined && mark >= 0 && of(line + index + 1) === mark;
              return mark < 0 ? `${text} ` : <span key={index}><mark className={`mk ${marks[mark]?.what}`} title={t(`mark.${marks[mark]?.what}` as Key)}>{text}{next ? " " : ""}</mark>{next ? "" : " "}</span>;
            })}
            {" "}
            <span className="t2">{bytes.slice(line, line + wide).map((byte, index) => {
              const letter = byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".";
              const mark = of(line + index);
              return mark < 0 ? letter : <mark key={index} className={`mk ${marks[mark]?.what}`}>{letter}</mark>;
            })}</span>
          </div>
        ))}
      </pre>
      <p className="small t3">
        {offset !== undefined && <span>{t("evidence.offset", { n: offset })} </span>}
        {kinds.length > 0 && <span>{t("evidence.marked", { what: kinds.map((kind) => t(`mark.${kind}` as Key)).join(t("list.comma")) })}</span>}
      </p>
    </div>
  );
}
