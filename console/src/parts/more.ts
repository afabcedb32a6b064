// Rows of a list that come while somebody scrolls.
import { useCallback } from "react";

/** Asked for so many rows before they come into sight: three seconds of a fast hand, so that it seldom waits. */
const rowsAhead = 120;

interface Pages { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }

/** For a table's onNear: asks for the next page when one of its last rows comes near. */
export function useMore({ hasNextPage, isFetchingNextPage, fetchNextPage }: Pages, rows: number): (last: number) => void {
  return useCallback((last) => {
    if (last > rows - rowsAhead && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [rows, hasNextPage, isFetchingNextPage, fetchNextPage]);
}
