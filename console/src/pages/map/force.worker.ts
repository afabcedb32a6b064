// The force layout of the conversations, away from the page's thread.
import cytoscape, { type Core, type LayoutOptions } from "cytoscape";
import fcose from "cytoscape-fcose";

cytoscape.use(fcose as unknown as cytoscape.Ext);

export interface Ask { nodes: { id: string; line: string }[]; edges: { a: string; b: string }[] }

self.onmessage = (message: MessageEvent<Ask>) => {
  const { nodes, edges } = message.data;
  const lines = [...new Set(nodes.map((node) => node.line).filter(Boolean))];
  const cy: Core = cytoscape({
    headless: true, styleEnabled: true,
    style: [{ selector: "node", style: { width: 60, height: 60 } }],
    elements: [
      ...lines.map((line) => ({ data: { id: `line:${line}` } })),
      ...nodes.map((node) => ({ data: { id: node.id, ...(node.line ? { parent: `line:${node.line}` } : {}) } })),
      ...edges.map((edge, index) => ({ data: { id: `e${index}`, source: edge.a, target: edge.b } })),
    ],
  });
  // Sorted input and a start that is not random: the same graph gives the same picture.
  nodes.forEach((node, index) => cy.getElementById(node.id).position({ x: Math.cos(index * 2.4) * 30 * Math.sqrt(index), y: Math.sin(index * 2.4) * 30 * Math.sqrt(index) }));
  const layout = cy.layout({
    name: "fcose", quality: nodes.length > 600 ? "draft" : "proof", randomize: nodes.length > 600, animate: false, nodeSeparation: 90, idealEdgeLength: () => 110, nodeRepulsion: () => 9000, gravity: 0.3, packComponents: true, tile: true,
  } as unknown as LayoutOptions);
  layout.run();
  self.postMessage(nodes.map((node) => { const point = cy.getElementById(node.id).position(); return [node.id, Math.round(point.x), Math.round(point.y)]; }));
  cy.destroy();
};
