// Takes a ledger's file; what it would bring is shown before anything changes.
import { useQueryClient } from "@tanstack/react-query";
import { uploadLedger } from "../../api/client";
import { useWords } from "../../look/look";
import { TableDrop } from "../../parts/TableDrop";
import { useUrl } from "../../parts/url";
import { mappingInAddress } from "./fields";

export function Receive() {
  const { t } = useWords();
  const url = useUrl();
  const client = useQueryClient();
  return (
    <TableDrop drop={t("ledger.drop")} kinds=".csv .xlsx" accept=".csv,.xlsx,.txt,.tsv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" send={uploadLedger}
      onTold={(told) => {
        client.setQueryData(["ledger-file", told.id, null], told);
        client.setQueryData(["ledger-file", told.id, { sheet: told.mapping.sheet }], told);
        url.set({ list: null, sel: null, detail: null, q: null, ...mappingInAddress({ sheet: told.mapping.sheet }), import: told.id }, "push");
      }} />
  );
}
