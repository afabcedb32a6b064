import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router-dom";
import { SessionProvider } from "./api/session";
import { Problem } from "./api/client";
import { App } from "./app/App";
import { LookProvider } from "./look/look";
import { Sprite } from "./parts/Icon";
import "./look/tokens.css";
import "./look/shell.css";
import "./look/parts.css";
import "./look/pages.css";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: false,
      // Only what may pass by itself is asked again: the center being away or busy.
      retry: (tries, error) => tries < 2 && error instanceof Problem && (error.status === 0 || error.status === 503),
      retryDelay: (tries) => 1000 * 2 ** tries,
    },
  },
});

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <QueryClientProvider client={client}>
      <LookProvider>
        <Sprite />
        <BrowserRouter>
          <SessionProvider><App /></SessionProvider>
        </BrowserRouter>
      </LookProvider>
    </QueryClientProvider>,
  );
