// What the pages draw with. Marks that nothing draws with are left out: esbuild drops what is not reachable from here.
export {plot, line, lineY, areaY, area, dot, rect, rectX, rectY, barX, barY, cell, ruleX, ruleY, link, text, textX, textY, tip, pointer, pointerX, pointerY, axisX, axisY, gridX, gridY, frame, tickX} from "@observablehq/plot";
