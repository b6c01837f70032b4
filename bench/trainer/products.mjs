export function measureProducts() {}
