/** Types of recipe.mjs. */
export declare function writeSmallRecipe(folder: string): string;
