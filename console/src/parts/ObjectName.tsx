// A register, a variable, a tag by its address, and what the plant calls it.
import { Link } from "react-router-dom";
import type { Schemas } from "../api/client";

interface Named { object?: string; comment?: Schemas["ObjectComment"]; /** Its id in the register ledger: then it leads there. */ register?: string }

/** As text, for titles. */
export function objectText({ object, comment }: Named): string {
  if (!comment) return object ?? "";
  const said = comment.name ? `${comment.text} (${comment.name})` : comment.text;
  return `${object ?? ""} ${comment.of ? `${comment.of}: ${said}` : said}`;
}

/** One line, cut where there is no room; all of it stands in the title. */
export function ObjectName({ of, wrap }: { of: Named; /** All of it is shown, over several lines. */ wrap?: boolean }) {
  const { object, comment } = of;
  return (
    <span className={wrap ? "wrap" : "cut"} style={{ display: "block" }} title={objectText(of)}>
      {of.register && !wrap ? <Link className="mono" tabIndex={-1} to={`/registers/${encodeURIComponent(of.register)}`} onClick={(event) => event.stopPropagation()}>{object}</Link> : <span className="mono">{object}</span>}{comment && <> <span className="said">{comment.text}</span></>}
      {wrap && comment?.name && <span className="t3"> {comment.name}</span>}
      {wrap && comment?.of && <span className="t3"> ({comment.of})</span>}
    </span>
  );
}
