/** May one request wait for a promise that another request made? Chosen by the export conditions. */
export const sharesPromises: boolean = true
