// Ctrl K: one box that finds devices, addresses, lines, objects and pages.
import { Modal } from "antd";
import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type KeyboardEvent } from "react";
import { useNavigate } from "react-router-dom";
import { call, type Schemas } from "../api/client";
import { useSession } from "../api/session";
import { useWords } from "../look/look";
import { Icon, roleIcon } from "../parts/Icon";

interface Choice { id: string; icon: string; title: string; detail?: string | undefined; group: string; go(): void }
type Hit = Schemas["SearchResult"]["hits"][number];

export function Palette({ onClose, onKeys }: { onClose(): void; onKeys(): void }) {
  const { t } = useWords();
  const { may } = useSession();
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 120);
    return () => clearTimeout(timer);
  }, [text]);
  const hits = useQuery({
    queryKey: ["search", asked],
    queryFn: ({ signal }) => call("get", "/search", { query: { q: asked, limit: 20 }, signal }),
    enabled: asked.length > 0 && may("device.look"),
    placeholderData: keepPreviousData,
  });

  const choices = useMemo<Choice[]>(() => {
    const to = (path: string) => () => { onClose(); navigate(path); };
    const pages: Choice[] = [
      { id: "p-overview", icon: "home", title: t("nav.overview"), group: t("palette.pages"), go: to("/") },
      { id: "p-devices", icon: "plc", title: t("nav.devices"), group: t("palette.pages"), go: to("/devices") },
      { id: "p-map", icon: "seg", title: t("nav.map"), group: t("palette.pages"), go: to("/map") },
      { id: "p-conversations", icon: "talk", title: t("nav.conversations"), group: t("palette.pages"), go: to("/conversations") },
      { id: "p-operations", icon: "acts", title: t("nav.operations"), group: t("palette.pages"), go: to("/operations") },
      { id: "p-registers", icon: "chip", title: t("nav.registers"), group: t("palette.pages"), go: to("/registers") },
      { id: "p-objects", icon: "table", title: t("objects.title"), group: t("palette.pages"), go: to("/operations?view=objects") },
      { id: "p-health", icon: "health", title: t("nav.health"), group: t("palette.pages"), go: to("/health") },
      { id: "p-ledger", icon: "ledger", title: t("nav.ledger"), group: t("palette.pages"), go: to("/ledger") },
      { id: "p-needs", icon: "table", title: t("nav.needs"), group: t("palette.pages"), go: to("/needs") },
      { id: "p-stops", icon: "table", title: t("stops.title"), group: t("palette.pages"), go: to("/needs?view=stops") },
      { id: "p-asking", icon: "probe", title: t("nav.asking"), group: t("palette.pages"), go: to("/active-queries") },
      { id: "p-comments", icon: "pen", title: t("nav.comments"), group: t("palette.pages"), go: to("/comments") },
      { id: "p-capture", icon: "sensor", title: t("nav.capture"), group: t("palette.pages"), go: to("/capture") },
      { id: "p-settings", icon: "cog", title: t("nav.settings"), group: t("palette.pages"), go: to("/settings") },
      { id: "p-keys", icon: "keys", title: t("keys.title"), group: t("palette.pages"), go: onKeys },
    ];
    const wanted = text.trim().toLowerCase();
    const fitting = wanted ? pages.filter((page) => page.title.toLowerCase().includes(wanted)) : pages;
    const path = (hit: Hit) => hit.kind === "device" ? `/devices/${encodeURIComponent(hit.id ?? "")}`
      : hit.kind === "line" ? `/devices?line=${encodeURIComponent(hit.id ?? "")}`
      : hit.kind === "capture" ? "/capture"
      : hit.id ? `/registers?device=${encodeURIComponent(hit.id)}&q=${encodeURIComponent(hit.object ?? hit.title)}` : `/devices?q=${encodeURIComponent(hit.title)}`;
    const found = asked && wanted ? (hits.data?.hits ?? []).map((hit, index): Choice => ({
      id: `h-${index}`, title: hit.title, detail: hit.detail, group: t(`palette.${hit.kind}`), go: to(path(hit)),
      icon: hit.kind === "device" ? roleIcon(hit.role) : hit.kind === "line" ? "seg" : hit.kind === "capture" ? "file" : "pen",
    })) : [];
    // Who wrote it last: whatever was typed may be an address.
    const registers: Choice[] = wanted ? [{ id: "p-registers-of", icon: "chip", title: t("palette.toRegisters", { q: text.trim() }), group: t("nav.registers"), go: to(`/registers?q=${encodeURIComponent(text.trim())}`) }] : [];
    return [...found, ...registers, ...fitting];
  }, [asked, hits.data, may, navigate, onClose, onKeys, t, text]);
  const chosen = Math.min(at, choices.length - 1);

  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) {
      event.preventDefault();
      const next = (chosen + step + choices.length) % Math.max(1, choices.length);
      setAt(next);
      document.getElementById(`palette-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choices[chosen]?.go();
    }
  };
  return (
    <Modal open footer={null} closable={false} onCancel={onClose} width={560} className="palette" style={{ top: "10vh" }} aria-label={t("shell.search")}
      styles={{ content: { padding: 0 }, body: { padding: 0 } }}>
      <div className="line">
        <Icon name="find" size={20} />
        <input autoFocus value={text} onChange={(event) => { setText(event.target.value); setAt(0); }} onKeyDown={onKey} placeholder={t("shell.search")} aria-label={t("shell.search")}
          role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={choices[chosen] ? `palette-${chosen}` : undefined} autoComplete="off" spellCheck={false} maxLength={128} />
      </div>
      <div role="listbox" id="palette-list" aria-label={t("palette.hits")} style={{ maxHeight: "52vh", overflow: "auto", paddingBottom: 8 }}>
        {choices.length === 0 && <div className="state">{hits.isFetching ? t("state.searching") : t("palette.nothing")}</div>}
        {choices.map((choice, index) => (
          <div key={choice.id}>
            {choices[index - 1]?.group !== choice.group && <div className="g" aria-hidden="true">{choice.group}</div>}
            <div role="option" id={`palette-${index}`} aria-selected={index === chosen} onMouseMove={() => setAt(index)} onClick={choice.go}>
              <Icon name={choice.icon} size={20} />
              <span className="grow"><span className="cut" style={{ display: "block" }}>{choice.title}</span>{choice.detail && <span className="cut small t3" style={{ display: "block" }}>{choice.detail}</span>}</span>
            </div>
          </div>
        ))}
      </div>
    </Modal>
  );
}
